import type { BegunStep, ExecuteStep, StepContext, StepOutcome } from '@planyard/engine';
import type { ToolBudgets } from '@planyard/llm';
import type { Logger } from '@planyard/runtime';
import { stepLog } from './step-log.ts';

/**
 * Executes a step within the budgets of `planyard.yaml`. What its call is expected to cost is reserved before it is
 * made, on them and then on its run; what it has told that it spent takes its place, whatever becomes of the step. A
 * call that was cut off before it told is charged what it was expected to cost: nobody knows.
 */
export async function withinBudgets(
  { budgets, log }: { budgets: ToolBudgets; log: Logger },
  execute: ExecuteStep,
  step: BegunStep,
  context: StepContext,
): Promise<StepOutcome> {
  const spent = { usd: 0, tokens: 0 };
  let expected = 0;
  let called = false;
  let told = false;
  let over = false;
  let reservation: Awaited<ReturnType<ToolBudgets['reserve']>> | undefined;
  try {
    return await execute(step, {
      ...context,
      async makeCall(costUsd, call, before) {
        expected = costUsd;
        if (costUsd > 0) {
          const made = await budgets.reserve(step, costUsd, context.signal);
          // The step was cut off meanwhile: the call is refused below.
          if (over) made.settle(spent);
          else reservation = made;
        }
        const counted = () => {
          called = true;
          return call();
        };
        return context.makeCall(costUsd, counted, before);
      },
      spent(spending) {
        told = true;
        spent.usd += spending.cost_usd ?? 0;
        spent.tokens += (spending.usage?.input_tokens ?? 0) + (spending.usage?.output_tokens ?? 0);
        context.spent(spending);
      },
    });
  } finally {
    over = true;
    if (called && !told && context.signal.aborted) spent.usd = expected;
    if (spent.usd + spent.tokens > 0)
      reservation ??= await budgets.reserve(step, 0, new AbortController().signal).catch((error) => {
        stepLog(log, step).warn({ err: error, ...spent }, 'what a tool spent is not in the books');
        return undefined;
      });
    reservation?.settle(spent);
  }
}
