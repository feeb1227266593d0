import type { ServerResponse } from 'node:http';
import { PlanyardError } from '@planyard/contracts';
import type { LimitStanding } from '@planyard/llm';
import { type RateLimitState, rateLimitHeaders } from '../auth/rate-limit.ts';

/** Shows where a limit on requests stands. Throws `rate_limited` for one too many. */
export function requireRoom(
  res: ServerResponse,
  state: RateLimitState & { exceeded: boolean },
  nowMs: number,
): void {
  showRequests(res, state, nowMs);
  if (state.exceeded)
    throw new PlanyardError('rate_limited', `${state.limit} requests a minute are allowed`, {
      retryAfter: state.resetS,
    });
}

/** Says in headers where a limit on requests stands, as most APIs do and as OpenAI's does. */
function showRequests(res: ServerResponse, state: RateLimitState, nowMs: number): void {
  const headers = rateLimitHeaders(state, nowMs);
  for (const name in headers) res.setHeader(name, headers[name] as string);
  showAsOpenAi(res, 'Requests', state);
}

/** The tightest limits of a caller: on requests where it is tighter than that of the door, and on tokens. */
export function showLimits(res: ServerResponse, standings: LimitStanding[], nowMs: number): void {
  if (res.headersSent) return;
  const requests = tightest(standings, 'requests a minute');
  const shown = Number(res.getHeader('X-RateLimit-Remaining') ?? Number.POSITIVE_INFINITY);
  if (requests && requests.remaining < shown) showRequests(res, requests, nowMs);
  const tokens = tightest(standings, 'tokens a minute');
  if (tokens) showAsOpenAi(res, 'Tokens', tokens);
}

/** The numbers of the limit of planyard.yaml that refused a call, in place of the door's. */
export function showRefusal(res: ServerResponse, standing: LimitStanding, nowMs: number): void {
  if (res.headersSent) return;
  const state = stateOf(standing);
  const headers = rateLimitHeaders(state, nowMs);
  for (const name in headers) res.setHeader(name, headers[name] as string);
  if (standing.what !== 'calls at once')
    showAsOpenAi(res, standing.what === 'tokens a minute' ? 'Tokens' : 'Requests', state);
}

function tightest(standings: LimitStanding[], kind: LimitStanding['what']): RateLimitState | null {
  const [first] = standings.filter(({ what }) => what === kind).toSorted((a, b) => a.room - b.room);
  return first ? stateOf(first) : null;
}

function stateOf({ limit, room, reset_ms }: LimitStanding): RateLimitState {
  return { limit, remaining: room, resetS: Math.max(1, Math.ceil(reset_ms / 1000)) };
}

function showAsOpenAi(res: ServerResponse, what: 'Requests' | 'Tokens', state: RateLimitState): void {
  res.setHeader(`X-RateLimit-Limit-${what}`, String(state.limit));
  res.setHeader(`X-RateLimit-Remaining-${what}`, String(state.remaining));
  res.setHeader(`X-RateLimit-Reset-${what}`, `${state.resetS}s`);
}
