import type { ErrorCode } from '@planyard/contracts';

/** What is wrong with a step, as the model is told; `code` is for everybody else. `path` is empty for the step as a whole, `step` for the plan as a whole. */
export interface PlanFault {
  step: string;
  path: string;
  expected: string;
  got: string;
  /** The name that may have been meant. */
  nearest?: string | undefined;
  code: ErrorCode;
}

/** What is wrong at a place, before it is known of which step and what it is called. */
export type LocatedFault = Omit<PlanFault, 'step' | 'code'>;

/** A fault of a step that is known. */
export type CodedFault = LocatedFault & Pick<PlanFault, 'code'>;

export function formatFault(fault: PlanFault): string {
  const { step, path, expected, got, nearest } = fault;
  return JSON.stringify({ step, path, expected, got, nearest });
}

/** A value as a fault shows it: short JSON. */
export function showValue(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
