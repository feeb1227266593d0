import { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import { ModelError } from '../../model-error.ts';
import { fromErrorReply, fromThrown, retryAfterOf } from '../failures.ts';

/** An `error` event inside a stream has a type and no status. */
const STATUS: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** What the SDK threw, as our error. */
export function fromSdkError(thrown: unknown, provider: string, signal: AbortSignal): ModelError {
  // It keeps no cause. Its own timeout is off: it is the connection's.
  if (thrown instanceof APIConnectionTimeoutError && !signal.aborted)
    return new ModelError('timeout', `${provider} could not be connected to in time`, { cause: thrown });
  if (!(thrown instanceof APIError) || thrown instanceof APIConnectionError || signal.aborted)
    return fromThrown(thrown, provider, signal);
  const { type, apiMessage, headers } = thrown;
  return fromErrorReply(provider, {
    status: thrown.status ?? (type === null ? undefined : STATUS[type]),
    code: thrown.errorCode ?? type,
    text: apiMessage ?? thrown.message,
    retryAfter: retryAfterOf((name) => headers?.get(name)),
  });
}
