import type { PlanInfo, PlanSource } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { detectIntents, type IntentRules } from '@planyard/planning';
import type { Planned } from './model/planning.ts';
import { type CacheLookup, mayServeAgain, type Reused } from './plan-cache/plan-from-cache.ts';

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

type Asked = Pick<PlanningPhase, 'attempt' | 'record'>;
type About = Pick<CacheLookup, 'reuse'> & { intents: IntentRules; prompt: string };

/** What is noted of a plan that a model made. One that was not whole, or true only today, is not kept for other runs. */
export function infoOfPlanned(
  phase: Asked,
  { steps, refused, repairs }: Planned & { kind: 'steps' },
  source: PlanSource,
  { reuse, ...about }: About,
): PlanInfo {
  const keeps =
    source === 'model' && refused.length === 0 && mayServeAgain(steps, phase.record.request.question);
  return planInfo(phase, source, { ...about, repairs, reuse: keeps && reuse ? { ...reuse, steps } : null });
}

/** What is noted of a plan that was another run's. One that was adapted holds what is true today, like one that a model made. */
export function infoOfReused(
  phase: Asked,
  { source, from, steps, refused }: Reused,
  { reuse, ...about }: About,
): PlanInfo {
  const keeps = refused.length === 0 && mayServeAgain(steps, phase.record.request.question);
  return planInfo(phase, source, {
    ...about,
    // What the budget of this run cuts off is not the plan's fault.
    reused_from: refused.length === 0 ? from : null,
    reuse: keeps && reuse ? { ...reuse, steps } : null,
  });
}
