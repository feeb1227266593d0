import { canonicalJson, isOfCircumstance, type PlanStep } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import type { CodedFault } from './plan-fault.ts';
import { referencesOf } from './resolve-references.ts';

/**
 * A call that failed in an earlier attempt fails again. One that was completed is not executed anew: its result is adopted.
 * What a step with references calls shows when they are bound; a worker refuses it then.
 */
export function repeatedCall(
  spec: PlanStep,
  { attempt, steps }: Pick<PlanningPhase, 'attempt' | 'steps'>,
): CodedFault[] {
  const { found, faults } = referencesOf(spec);
  if (found.length > 0 || faults.length > 0) return [];
  const { tool, args } = spec;
  const call = canonicalJson([tool, args]);
  const failed = steps.find(
    (step) =>
      step.attempt < attempt &&
      step.status === 'failed' &&
      !(step.error && isOfCircumstance(step.error)) &&
      canonicalJson([step.tool, step.bound_args ?? step.spec.args]) === call,
  );
  if (!failed) return [];
  const got = `the call of ${failed.id}, which failed: ${failed.error?.message ?? 'without a reason'}`;
  return [{ code: 'repeated_call', path: 'args', expected: 'a call that has not failed before', got }];
}
