import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ModelError, type ModelErrorKind, toModelError } from '../../model-error.ts';

/** What the SDK threw as our error, with the provider's own text kept short. */
export function fromSdkError(thrown: unknown, provider: string, signal: AbortSignal): ModelError {
  if (thrown instanceof ModelError) return thrown;
  if (signal.aborted) return toModelError(thrown, signal);
  if (thrown instanceof APIConnectionTimeoutError)
    return new ModelError('timeout', `${provider} did not answer in time`, { cause: thrown });
  if (thrown instanceof APIConnectionError)
    return new ModelError('connection', `${provider} is not to be reached`, { cause: thrown });
  if (thrown instanceof APIError) {
    const status: number | undefined = thrown.status;
    const kind = kindOf(status, thrown.code, String(thrown.message));
    // A refused key is often quoted back in part: its text stays out of records and logs.
    const text =
      kind === 'auth' ? `${status ?? ''} key or account refused` : String(thrown.message).slice(0, 300);
    return new ModelError(kind, `${provider} answered: ${text}`, {
      ...(kind === 'auth' ? {} : { cause: thrown }),
      retryAfter: retryAfter(thrown.headers),
    });
  }
  if (thrown instanceof SyntaxError)
    return new ModelError('bad_reply', `${provider} sent what is not JSON`, { cause: thrown });
  // The body of a stream broke off: undici throws its own errors here, not the SDK's.
  return new ModelError('connection', `the connection to ${provider} broke`, { cause: thrown });
}

function kindOf(status: number | undefined, code: string | null | undefined, text: string): ModelErrorKind {
  if (code === 'context_length_exceeded' || /context (length|window)|too many tokens/i.test(text))
    return 'context_overflow';
  // A used-up account does not recover by waiting.
  if (code === 'insufficient_quota') return 'auth';
  if (status === undefined) return 'server';
  if (status === 401 || status === 403) return 'auth';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'server';
  return 'bad_request';
}

/** Seconds from `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. */
function retryAfter(headers: unknown): number | undefined {
  if (!(headers instanceof Headers) && !hasGet(headers)) return undefined;
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms)) return Math.max(0, ms / 1000);
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

function hasGet(value: unknown): value is { get(name: string): string | null } {
  return value !== null && typeof value === 'object' && 'get' in value && typeof value.get === 'function';
}
