import { APIConnectionError, APIError } from 'openai';
import type { ModelError } from '../../model-error.ts';
import { fromErrorReply, fromThrown, retryAfterOf } from '../failures.ts';
import { faultOf } from './error-text.ts';

/** What the SDK threw, as our error. */
export function fromSdkError(thrown: unknown, provider: string, signal: AbortSignal): ModelError {
  if (!(thrown instanceof APIError) || thrown instanceof APIConnectionError || signal.aborted)
    return fromThrown(thrown, provider, signal);
  const { code, type, param, headers } = thrown;
  return fromErrorReply(provider, {
    // Inside a stream, OpenRouter and vLLM give the status as the error's code.
    status: thrown.status ?? (typeof code === 'number' ? code : undefined),
    code: typeof code === 'string' ? code : type,
    // The SDK puts the status before what the server said.
    text: thrown.message.replace(`${thrown.status} `, ''),
    fault: faultOf(param, code),
    retryAfter: retryAfterOf((name) =>
      headers instanceof Headers || hasGet(headers) ? headers.get(name) : null,
    ),
  });
}

function hasGet(value: unknown): value is { get(name: string): string | null } {
  return value !== null && typeof value === 'object' && 'get' in value && typeof value.get === 'function';
}
