import type { AdmittedStep, EventType, RunEvent } from '@planyard/contracts';
import { type admit, completed, consumeAll, runRecord, testEngine, untilEnd } from './engine-harness.ts';
import type { BegunStep, StepOutcome } from './step-execution.ts';

export type Input = Parameters<typeof admit>[1];
interface Result {
  order: string[];
  events: RunEvent[];
  states: Record<string, string>;
}

/** Runs a graph on an engine of its own; `behave` says what a step does, `completed` where it says nothing. */
export async function runGraph(
  steps: Input[],
  behave: Record<string, (step: BegunStep) => StepOutcome | Promise<StepOutcome>> = {},
  dispatch: Partial<AdmittedStep['dispatch']> = {},
): Promise<Result> {
  const t = testEngine({ random: () => 0.01 });
  const order: string[] = [];
  consumeAll(t, {
    steps,
    dispatch,
    execute: (step) => {
      const id = step.step.slice(2);
      order.push(id);
      return behave[id]?.(step) ?? completed({ id, items: [1, 2] });
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const events = await untilEnd(t.engine, record.id);
  const states: Record<string, string> = {};
  for (const step of await t.engine.readSteps(record.id))
    states[step.id.slice(2)] = step.reason ? `${step.status}:${step.reason}` : step.status;
  return { order, events, states };
}

/** Events of a step of the first attempt. */
export function typesOf(events: RunEvent[], step: string): EventType[] {
  return events.flatMap((event) =>
    'step' in event.data && event.data.step === `1.${step}` ? [event.type] : [],
  );
}
