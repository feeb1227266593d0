import type { ContextPlan } from '@planyard/contracts';

/** What a context plan tells the one who plans, one sentence each. */
export function describeHints({ hints, stop, privacy }: ContextPlan): string[] {
  const lines = Object.entries(hints).flatMap(([tool, values]) =>
    Object.entries(values).map(([argument, value]) => `${tool}: ${argument} may be ${value}`),
  );
  const all = [
    ...lines,
    ...stop.map((each) => `enough when: ${each}`),
    ...(privacy === '' ? [] : [`private: ${privacy}`]),
  ];
  return all.length > 0 ? all : ['nothing in particular'];
}
