import { PlanyardError, Spending } from '@planyard/contracts';
import type { BegunStep, StepContext } from '@planyard/engine';
import { isUnavailable } from '@planyard/store';
import type { Call } from './check-input.ts';
import type { RunStepDeps } from './deps.ts';
import { type PreparedResult, prepareResult } from './prepare-result.ts';
import { storeOf } from './store-of.ts';

/** What goes with a call. */
interface Making {
  /** Done once the budgets cover it, right before it is made. */
  before: () => Promise<void>;
  around: (execute: () => Promise<PreparedResult>) => Promise<PreparedResult>;
}

/** Executes the tool itself and checks what it returns. Throws PlanyardError. */
export async function callTool(
  deps: Pick<RunStepDeps, 'db' | 'engine' | 'log' | 'now'>,
  step: BegunStep,
  { tool, input }: Call,
  { signal, makeCall, spent, progress }: StepContext,
  { before, around }: Making,
): Promise<PreparedResult> {
  const { log } = deps;
  const { cost_usd } = tool.definition;
  let told = false;
  const tell = (spending: Spending) => {
    told = true;
    spent(spending);
  };
  const execute = async () => {
    const returned = await tool.definition.execute(input, {
      signal,
      log,
      idempotency_key: step.idempotency_key,
      spent: (what) => tell(Spending.parse(what)),
      progress: (message, percent) => progress(message, percent ?? null),
      store: storeOf(deps, step),
    });
    if (!told) tell({ cost_usd });
    return prepareResult(tool, returned);
  };
  try {
    const called = makeCall(cost_usd, () => around(execute), before);
    // A tool that does not listen to its signal must not hold others' equal calls for ever.
    return await Promise.race([called, rejectOn(signal)]);
  } catch (thrown) {
    if (thrown instanceof PlanyardError || signal.aborted) throw thrown;
    log.warn({ err: thrown }, 'the tool threw');
    if (isUnavailable(thrown))
      throw new PlanyardError('tool_unavailable', 'The database of this tool is not to be reached', {
        cause: thrown,
      });
    // What an unknown error says may be anything, secrets included: it goes to the log, not to the caller.
    throw new PlanyardError('tool_failed', `${step.tool} failed; the worker's log has the cause`, {
      cause: thrown,
    });
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
