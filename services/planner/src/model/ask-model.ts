import { type ModelCall, PlanyardError } from '@planyard/contracts';
import type { Phase } from '@planyard/engine';
import type { ChatEvent, ChatRequest } from '@planyard/llm';
import type { PlannerModel } from '../deps.ts';

/** One model call of a phase: its record goes into the run. Throws `budget_exceeded` before the call when money or tokens are used up. */
export async function* askModel(
  phase: Phase,
  model: PlannerModel,
  request: ChatRequest,
  call: { purpose: ModelCall['purpose']; prompt: string; signal?: AbortSignal },
): AsyncIterable<ChatEvent> {
  refuseOverBudget(phase);
  const signal = call.signal ?? phase.signal;
  const name = await model.name(signal);
  yield* model.models.chat({
    model: name,
    request,
    caller: phase.record.caller,
    purpose: call.purpose,
    agent: phase.record.request.agent,
    request_id: phase.record.request_id,
    prompt: call.prompt,
    signal,
    deadline_at: phase.deadline_at,
    onCall: async (record) => {
      phase.spent.cost_usd += record.cost_usd ?? 0;
      phase.spent.tokens += record.usage.input_tokens + record.usage.output_tokens;
      await phase.modelCalled(record);
    },
  });
}

/** Throws `budget_exceeded`, saying of what, when a run's money or tokens are used up. */
export function refuseOverBudget({ budget, spent }: Pick<Phase, 'budget' | 'spent'>): void {
  if (budget.cost_usd !== undefined && spent.cost_usd >= budget.cost_usd)
    throw new PlanyardError('budget_exceeded', `the budget of ${budget.cost_usd} USD is used up`);
  if (budget.tokens !== undefined && spent.tokens >= budget.tokens)
    throw new PlanyardError('budget_exceeded', `the budget of ${budget.tokens} tokens is used up`);
}

/** What the model may know of a run's limits, one sentence each. */
export function describeLimits(phase: Phase, now: number): string[] {
  const { budget, spent } = phase;
  const lines: string[] = [];
  if (budget.cost_usd !== undefined)
    lines.push(
      `${Math.max(0, budget.cost_usd - spent.cost_usd).toFixed(4)} of ${budget.cost_usd} USD are left`,
    );
  if (budget.tokens !== undefined)
    lines.push(`${Math.max(0, budget.tokens - spent.tokens)} of ${budget.tokens} tokens are left`);
  if (budget.steps !== undefined)
    lines.push(`${Math.max(0, budget.steps - spent.steps)} of ${budget.steps} steps are left`);
  if (phase.deadline_at !== null)
    lines.push(`${Math.max(0, Math.round((phase.deadline_at - now) / 1000))} seconds are left`);
  return lines.length > 0 ? lines : ['none but the ones of the tools'];
}
