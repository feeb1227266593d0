import { type ModelCall, PlanyardError } from '@planyard/contracts';
import type { Phase } from '@planyard/engine';
import { type CallContext, type ChatEvent, type ChatRequest, ModelError } from '@planyard/llm';
import type { PlannerModel } from '../deps.ts';

/** How long a run waits for a limit of its key or user, within its deadline. */
const LIMIT_PATIENCE_MS = 60_000;

/** One model call of a phase, until its signal ends: its record goes into the run. Throws `budget_exceeded` before the call when money or tokens do not cover it. */
export async function* askModel(
  phase: Phase,
  model: PlannerModel,
  request: ChatRequest,
  call: {
    purpose: ModelCall['purpose'];
    prompt: string;
    /** A route or model in place of the configured one. */
    model?: string | undefined;
    signal?: AbortSignal;
    /** Gets the record of each try. */
    onCall?: (record: ModelCall) => void;
  },
): AsyncIterable<ChatEvent> {
  refuseOverBudget(phase);
  const signal = call.signal ?? phase.signal;
  const name = await model.name(signal, call.model);
  yield* model.models.chat({ ...callOf(phase, { ...call, model: name, signal }), request });
}

/** What every call of a run's says about itself: who asks, what of its budget is left, where its record goes. */
export function callOf(
  phase: Phase,
  call: {
    model: string;
    purpose: ModelCall['purpose'];
    prompt: string | null;
    signal: AbortSignal;
    onCall?: ((record: ModelCall) => void) | undefined;
  },
): CallContext {
  return {
    model: call.model,
    caller: phase.record.caller,
    run_id: phase.run_id,
    budgets: [
      {
        per: 'run',
        id: phase.run_id,
        usd: phase.budget.cost_usd,
        tokens: phase.budget.tokens,
        // Steps spend of it too, which the model layer does not see.
        spent: { usd: phase.spent.cost_usd, tokens: phase.spent.tokens },
      },
    ],
    patience_ms: LIMIT_PATIENCE_MS,
    purpose: call.purpose,
    agent: phase.agent,
    request_id: phase.record.request_id,
    prompt: call.prompt,
    signal: call.signal,
    // The signal ends with the run's deadline, and knows of the time that a run has to conclude after it.
    deadline_at: null,
    onCall: async (record) => {
      phase.spent.cost_usd += record.cost_usd ?? 0;
      phase.spent.tokens += record.usage.input_tokens + record.usage.output_tokens;
      call.onCall?.(record);
      await phase.modelCalled(record);
    },
  };
}

/** Whether a model gave no reply, be it the model or the budget that stands in the way: what is only a help is done without. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof ModelError || isBudgetRefusal(error);
}

/** Whether the budget, and not the model, stands in the way of a call. */
export function isBudgetRefusal(error: unknown): error is PlanyardError {
  return (
    error instanceof PlanyardError && (error.code === 'budget_exceeded' || error.code === 'model_unpriced')
  );
}

/** Whether less is left than an attempt of this run has cost on average: another one would end without an answer. */
export function coversNoAttempt({ attempt, budget, spent }: Phase): boolean {
  const short = (limit: number | undefined, used: number) =>
    limit !== undefined && limit - used < used / attempt;
  return short(budget.cost_usd, spent.cost_usd) || short(budget.tokens, spent.tokens);
}

/** Throws `budget_exceeded`, saying of what, when a run's money or tokens are used up. */
export function refuseOverBudget({ budget, spent }: Pick<Phase, 'budget' | 'spent'>): void {
  if (budget.cost_usd !== undefined && spent.cost_usd >= budget.cost_usd)
    throw new PlanyardError('budget_exceeded', `the budget of ${budget.cost_usd} USD is used up`);
  if (budget.tokens !== undefined && spent.tokens >= budget.tokens)
    throw new PlanyardError('budget_exceeded', `the budget of ${budget.tokens} tokens is used up`);
}
