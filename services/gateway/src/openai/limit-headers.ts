import { PlanyardError } from '@planyard/contracts';
import type { LimitStanding } from '@planyard/llm';
import { type RateLimitState, rateLimitHeaders } from '../auth/rate-limit.ts';
import type { ReplyHeaders } from './exchange.ts';

/** Shows where a limit on requests stands. Throws `rate_limited` for one too many. */
export function requireRoom(
  headers: ReplyHeaders,
  state: RateLimitState & { exceeded: boolean },
  nowMs: number,
): void {
  showRequests(headers, state, nowMs);
  if (state.exceeded)
    throw new PlanyardError('rate_limited', `${state.limit} requests a minute are allowed`, {
      retryAfter: state.resetS,
    });
}

/** Says in headers where a limit on requests stands, as most APIs do and as OpenAI's does. */
function showRequests(headers: ReplyHeaders, state: RateLimitState, nowMs: number): void {
  Object.assign(headers, rateLimitHeaders(state, nowMs));
  showAsOpenAi(headers, 'Requests', state);
}

/** The tightest limits of a caller: on requests where it is tighter than that of the door, and on tokens. */
export function showLimits(headers: ReplyHeaders, standings: LimitStanding[], nowMs: number): void {
  const requests = tightest(standings, 'requests a minute');
  const shown = Number(headers['X-RateLimit-Remaining'] ?? Number.POSITIVE_INFINITY);
  if (requests && requests.remaining < shown) showRequests(headers, requests, nowMs);
  const tokens = tightest(standings, 'tokens a minute');
  if (tokens) showAsOpenAi(headers, 'Tokens', tokens);
}

/** The numbers of the limit of planyard.yaml that refused a call, in place of the door's. */
export function showRefusal(headers: ReplyHeaders, standing: LimitStanding, nowMs: number): void {
  const state = stateOf(standing);
  Object.assign(headers, rateLimitHeaders(state, nowMs));
  if (standing.what !== 'calls at once')
    showAsOpenAi(headers, standing.what === 'tokens a minute' ? 'Tokens' : 'Requests', state);
}

function tightest(standings: LimitStanding[], kind: LimitStanding['what']): RateLimitState | null {
  let least: LimitStanding | null = null;
  for (const each of standings) if (each.what === kind && !(least && least.room <= each.room)) least = each;
  return least && stateOf(least);
}

function stateOf({ limit, room, reset_ms }: LimitStanding): RateLimitState {
  return { limit, remaining: room, resetS: Math.max(1, Math.ceil(reset_ms / 1000)) };
}

function showAsOpenAi(headers: ReplyHeaders, what: 'Requests' | 'Tokens', state: RateLimitState): void {
  headers[`X-RateLimit-Limit-${what}`] = state.limit;
  headers[`X-RateLimit-Remaining-${what}`] = state.remaining;
  headers[`X-RateLimit-Reset-${what}`] = `${state.resetS}s`;
}
