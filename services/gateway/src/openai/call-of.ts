import type { ModelCall } from '@planyard/contracts';
import type { CallContext } from '@planyard/llm';
import type { Exchange } from './exchange.ts';

/** Keeps the record of a call that this request made. */
export type RecordCall = (exchange: Exchange, call: ModelCall) => void;

/** What a request says of the model call that it makes. */
export function callOf(
  { record, now }: { record: RecordCall; now: () => number },
  exchange: Exchange,
  model: string,
  purpose: 'chat' | 'embed',
): CallContext {
  const { options, principal, requestId, signal } = exchange;
  return {
    model: options.route ?? model,
    caller: { tenant: principal.tenant, user: principal.user, key_id: principal.key_id },
    purpose,
    agent: null,
    request_id: requestId,
    prompt: null,
    signal,
    cache: options.cache,
    budgets: [{ per: 'request', id: '', usd: options.budget.cost_usd, tokens: options.budget.tokens }],
    deadline_at: options.timeoutMs === null ? null : now() + options.timeoutMs,
    onCall: (call) => record(exchange, call),
  };
}
