import type { PlanInfo, PlanSource } from '@planyard/contracts';
import { detectIntents } from '@planyard/planning';

/** What is noted of a plan: where it came from and what the question wants. */
export function planInfo(source: PlanSource, question: string, more: Partial<PlanInfo> = {}): PlanInfo {
  const [wants = 'other'] = detectIntents(question);
  return { source, wants, prompt: null, repairs: 0, reuse: null, ...more };
}
