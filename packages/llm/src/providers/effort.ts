import type { ReasoningEffort } from '../contract.ts';

/** The effort for models that know none above `high`. */
export function atMostHigh(
  effort: ReasoningEffort | undefined,
): Exclude<ReasoningEffort, 'xhigh' | 'max'> | undefined {
  return effort === 'xhigh' || effort === 'max' ? 'high' : effort;
}
