import { z } from 'zod';
import { ModelError, type ModelErrorKind, toModelError } from '../model-error.ts';
import { tooLarge } from './reply-body.ts';

/** What a provider's error reply says, whatever its protocol. */
export interface ErrorReply {
  /** HTTP status; undefined for an error inside a stream that names none. */
  status: number | undefined;
  /** The provider's own code or type. */
  code: string | null | undefined;
  text: string;
  retryAfter?: number | undefined;
  /** Which field of the request is wrong, and what the provider calls that. */
  fault?: { path: string; code?: string } | null;
}

/** A provider's error reply as ours, its text kept short and without keys. */
export function fromErrorReply(provider: string, reply: ErrorReply): ModelError {
  const kind = kindOf(reply);
  // A refused key is often quoted back in part: its text stays out of records and logs.
  const text =
    kind === 'auth'
      ? `${reply.status ?? ''} key or account refused`.trim()
      : redactKeys(reply.text).slice(0, 300);
  const message = `${provider} answered: ${text}`;
  const located = kind === 'bad_request' && reply.fault ? [{ ...reply.fault, message }] : undefined;
  return new ModelError(kind, message, { retryAfter: reply.retryAfter, errors: located });
}

/** What was thrown while a provider was spoken to: the caller's abort, an error of ours on its way through an SDK, a broken connection, or bytes that are not JSON. */
export function fromThrown(thrown: unknown, provider: string, signal: AbortSignal): ModelError {
  const causes = causesOf(thrown);
  const ours = causes.find((cause) => cause instanceof ModelError);
  if (ours) return ours;
  if (signal.aborted) return toModelError(thrown, signal);
  if (thrown instanceof SyntaxError || thrown instanceof z.ZodError)
    return new ModelError('bad_reply', `${provider} sent what is no reply of its API`, { cause: thrown });
  const code = causes.map(codeOf).find((each) => each !== undefined);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(provider);
  if (code !== undefined && TIMEOUTS.has(code))
    return new ModelError('timeout', `${provider} did not answer in time (${code})`, { cause: thrown });
  return new ModelError('connection', `the connection to ${provider} failed (${code ?? 'it broke off'})`, {
    cause: thrown,
    // A certificate does not get better by asking again.
    ...(code !== undefined && /CERT|TLS|SSL|SIGNATURE|EPROTO/.test(code) ? { retryable: false } : {}),
  });
}

/** What comes of a reply; where the connection breaks off after all of it, and nothing else went wrong, that takes nothing from it. */
export async function* untilBroken<T>(
  pieces: AsyncIterable<T> | Iterable<T>,
  isWhole: () => boolean,
): AsyncIterable<T> {
  try {
    yield* pieces;
  } catch (thrown) {
    // Neither the provider nor the caller ended it.
    const isBrokenOff = causesOf(thrown).some((cause) => BROKEN_OFF.has(codeOf(cause) ?? ''));
    if (!isWhole() || !isBrokenOff) throw thrown;
  }
}

/** Limits of a day are the longest that providers have; a caller obeys what it is told. */
const LONGEST_WAIT_S = 86_400;

/** Seconds, a day at most, from `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. */
export function retryAfterOf(header: (name: string) => string | null | undefined): number | undefined {
  const seconds = secondsOf(header('retry-after-ms'), header('retry-after'));
  return Number.isNaN(seconds) ? undefined : Math.min(LONGEST_WAIT_S, Math.max(0, seconds));
}

/** NaN where neither says how many. */
function secondsOf(ms: string | null | undefined, text: string | null | undefined): number {
  if (ms?.trim() && !Number.isNaN(Number(ms))) return Number(ms) / 1000;
  if (!text?.trim()) return Number.NaN;
  const seconds = Number(text);
  return Number.isNaN(seconds) ? (Date.parse(text) - Date.now()) / 1000 : seconds;
}

const BROKEN_OFF = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);
const OVERFLOW =
  /context (length|window|size)|maximum context|exceed context limit|too many (input )?tokens|prompt is too long|input is too long|exceeds? the (maximum|available) .*(token|context)/i;
const QUOTA = /insufficient_quota|credit balance is too low|billing/i;

function kindOf({ status, code, text }: ErrorReply): ModelErrorKind {
  if (code === 'context_length_exceeded' || ((status ?? 400) < 500 && OVERFLOW.test(text)))
    return 'context_overflow';
  if (status === 402 || QUOTA.test(`${code} ${text}`)) return 'quota';
  if (status === undefined) return 'server';
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'model_not_found';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'server';
  return 'bad_request';
}

/** Anything that looks like a key of one of the usual shapes. */
function redactKeys(text: string): string {
  return text.replace(/\b(sk|pk|gsk|xai|AKIA|ASIA|Bearer)[-_ ]?[\w*-]{6,}/g, '[redacted]');
}

function causesOf(thrown: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let cause = thrown; cause instanceof Error && !causes.includes(cause); cause = cause.cause)
    causes.push(cause);
  return causes;
}

function codeOf(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
