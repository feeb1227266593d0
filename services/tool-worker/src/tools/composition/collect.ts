import { CompositionTrace, type StepView } from '@planyard/contracts';
import { traceOfSteps } from '@planyard/planning';
import { defineTool, type ToolContext } from '@planyard/sdk';
import { z } from 'zod';
import type { WorkerStore } from '../../registry/worker-store.ts';

const Value = z.unknown();

/** The last step of an expanded composition: what its steps gave, in the shape that other steps refer to. */
export const tool = defineTool({
  name: 'composition.collect',
  description:
    'Gathers what the steps of a composition gave. Part of compositions, not to be planned by itself.',
  input: z.strictObject({
    primary: Value,
    enriched: z.record(z.string(), Value).default({}),
    /** With what became of the steps. */
    trace: z.boolean().default(false),
  }),
  output: z.object({
    primary: Value,
    enriched: z.record(z.string(), Value),
    ...CompositionTrace.partial().shape,
  }),
  effects: 'read',
  idempotent: true,
  cache: false,
  profile: { accuracy: 1, complexity: 'very_low' },
  async execute({ primary = null, enriched, trace }, { store }: ToolContext<WorkerStore>) {
    if (!trace) return { primary, enriched };
    const steps = await store.sources();
    return { primary, enriched, ...traceOfSteps(steps, spanOf(steps)) };
  },
});

/** Milliseconds from the first step's start to the last one's end. */
function spanOf(steps: StepView[]): number {
  const times = steps.flatMap(({ started_at, ended_at }) =>
    started_at && ended_at ? [started_at, ended_at] : [],
  );
  const sorted = times.map((time) => Date.parse(time)).sort((a, b) => a - b);
  return (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
}
