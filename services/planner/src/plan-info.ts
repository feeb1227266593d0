import type { PlanInfo, PlanSource } from '@planyard/contracts';
import { detectIntents } from '@planyard/planning';

/** Bytes of a plan that is kept for other runs: it lies in Redis until its run is archived. */
const MOST_KEPT = 256 * 1024;

/** What is noted of a plan: where it came from and what the question wants. */
export function planInfo(source: PlanSource, question: string, more: Partial<PlanInfo> = {}): PlanInfo {
  const [wants = 'other'] = detectIntents(question);
  const { reuse = null } = more;
  const fits = reuse === null || Buffer.byteLength(JSON.stringify(reuse)) <= MOST_KEPT;
  return { source, wants, prompt: null, repairs: 0, ...more, reuse: fits ? reuse : null };
}
