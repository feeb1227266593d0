import type { PlanInfo, PlanSource } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { detectIntents, type IntentRules } from '@planyard/planning';

/** Bytes of a plan that is kept for other runs: it lies in Redis until its run is archived. */
const MOST_KEPT = 256 * 1024;

/** What is noted of a plan: where it came from and what the question wants, by `intents` of its agent where they are given. */
export function planInfo(
  { attempt, record }: Pick<PlanningPhase, 'attempt' | 'record'>,
  source: PlanSource,
  {
    question = record.request.question,
    intents,
    ...more
  }: Partial<PlanInfo> & { question?: string; intents?: IntentRules } = {},
): PlanInfo {
  const [wants = 'other'] = detectIntents(question, intents);
  const { reuse = null } = more;
  const fits = reuse === null || Buffer.byteLength(JSON.stringify(reuse)) <= MOST_KEPT;
  return {
    source,
    attempt,
    wants,
    prompt: null,
    repairs: 0,
    reused_from: null,
    ...more,
    reuse: fits ? reuse : null,
  };
}
