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
    onCall(call) {
      record(exchange, call);
      tell(exchange, call);
    },
  };
}

/** Says in headers who answered and what it cost, all tries together; of a stream both are known too late. */
function tell({ res }: Exchange, call: ModelCall): void {
  if (res.headersSent) return;
  res.setHeader('X-Planyard-Model', `${call.provider}/${call.model}`);
  if (call.cost_usd === null) return;
  const before = Number(res.getHeader('X-Planyard-Cost-Usd') ?? 0);
  res.setHeader('X-Planyard-Cost-Usd', String(before + call.cost_usd));
}
