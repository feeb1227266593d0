import type { ContextPlan } from '@planyard/contracts';

/** What a context plan tells the one who plans, each under its name. */
export function describeHints({ hints, stop, privacy }: ContextPlan): string[] {
  const lines = Object.entries(hints).flatMap(([tool, values]) =>
    Object.entries(values).map(([argument, value]) => `${tool}: ${argument} = ${value}`),
  );
  const all = [
    ...lines,
    ...stop.map((each) => `enough: ${each}`),
    ...(privacy === '' ? [] : [`private: ${privacy}`]),
  ];
  return all.length > 0 ? all : ['none'];
}
