/** What is wrong with a step, as the model is told. `path` is empty for the step as a whole, `step` for the plan as a whole. */
export interface PlanFault {
  step: string;
  path: string;
  expected: string;
  got: string;
}

export function formatFault(fault: PlanFault): string {
  return JSON.stringify(fault);
}

/** A value as a fault shows it: short JSON. */
export function showValue(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
