import type { PlanStep } from '@planyard/contracts';
import { type CodedFault, showValue } from '../model/plan-fault.ts';
import type { Composed } from './composed.ts';

/** What of a planned step goes with no composition: it says itself what becomes of its errors, and its steps have limits of their own. */
export function faultsOfComposed(spec: PlanStep, { compositions }: Composed): CodedFault[] {
  const faults: CodedFault[] = [];
  const refuse = (path: string, expected: string, got: unknown) =>
    faults.push({ code: 'invalid_step', path, expected, got: showValue(got) });
  if (spec.fallback && compositions.has(spec.fallback.tool))
    refuse('fallback.tool', 'a tool that is no composition', spec.fallback.tool);
  if (!compositions.has(spec.tool)) return faults;
  if (spec.on_error !== 'isolate')
    refuse('on_error', 'no on_error: a composition says itself what becomes of its errors', spec.on_error);
  for (const field of ['fallback', 'budget', 'timeout_ms', 'retry'] as const)
    if (spec[field] !== undefined)
      refuse(field, `no ${field}: the steps of a composition have their own`, spec[field]);
  return faults;
}
