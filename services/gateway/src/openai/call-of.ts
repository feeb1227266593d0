import type { ModelCall } from '@planyard/contracts';
import type { CallContext } from '@planyard/llm';
import { plainUsd } from '../http/plain-usd.ts';
import type { Exchange } from './exchange.ts';
import { showLimits } from './limit-headers.ts';

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
  let spentUsd = 0;
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
    timeouts: options.timeouts,
    traceparent: exchange.req.headers.traceparent as string | undefined,
    onLimits: (standings) => showLimits(exchange.headers, standings, now()),
    onCall(call) {
      record(exchange, call);
      spentUsd += call.cost_usd ?? 0;
      // Neither a try that failed nor a similar question's embedding is the answer.
      if (call.status === 'ok' && call.purpose === purpose) tell(exchange, call, spentUsd);
    },
  };
}

/** Says in headers who answered and what it cost, all tries together; of a stream both are known too late. */
function tell({ headers }: Exchange, call: ModelCall, spentUsd: number): void {
  headers['X-Planyard-Model'] = headerText(`${call.provider}/${call.model}`);
  if (call.cost_usd !== null) headers['X-Planyard-Cost-Usd'] = plainUsd(spentUsd);
}

/** A header holds no other letters; models are named in any. */
function headerText(name: string): string {
  return /^[ -~]*$/.test(name) ? name : encodeURI(name);
}
