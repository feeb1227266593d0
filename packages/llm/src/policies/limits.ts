import type { Caller } from '@planyard/contracts';
import type { Limit } from '../config/limit.ts';
import type { Account, Share } from '../ledger/ledger.ts';
import { formatModelName, type ModelName } from '../model-name.ts';

const MINUTE_MS = 60_000;

/** Where a limit stands for who is under it. */
export interface LimitStanding {
  per: Limit['per'];
  what: 'requests a minute' | 'tokens a minute' | 'calls at once';
  limit: number;
  /** What is left of it. */
  room: number;
  /** Milliseconds until it is whole again, or of one that refused, until it may let a call through. */
  reset_ms: number;
}

export interface LimitAccount extends Account {
  limits: {
    per: Limit['per'];
    name: string;
    what: LimitStanding['what'];
  };
}

/** The limits of who asks. */
export function callerLimits(limits: Limit[], caller: Caller | null): LimitAccount[] {
  if (!caller) return [];
  const { tenant, user, key_id } = caller;
  return limitsFor(limits, { key: [key_id], user: [`${tenant}/${user}`, user], tenant: [tenant] });
}

/** The limits of what is asked. */
export function modelLimits(limits: Limit[], name: ModelName): LimitAccount[] {
  return limitsFor(limits, { provider: [name.provider], model: [formatModelName(name)] });
}

/** Whether what a call takes of these depends on its tokens. */
export function countTokens(accounts: LimitAccount[]): boolean {
  return accounts.some(({ limits }) => limits.what === 'tokens a minute');
}

/** What a call of so many tokens, input and output together, takes of a limit. */
export function shareOfLimit({ limits, limit }: LimitAccount, tokens: number): Share {
  // One call over the limit is let through when nothing else is: it would never be otherwise.
  return { fixed: limits.what === 'tokens a minute' ? Math.min(tokens, limit) : 1, each: 0 };
}

/** What is named in an entry's `only` is not subject to the entry for all. */
export function mostSpecific<L extends { only?: string[] | undefined }>(
  entries: L[],
  kindOf: (entry: L) => string,
): L[] {
  const specific = new Set(entries.filter((entry) => entry.only).map(kindOf));
  return entries.filter((entry) => entry.only || !specific.has(kindOf(entry)));
}

/** Each name as it is unique, and as a configuration writes it where that differs. */
function limitsFor(
  limits: Limit[],
  names: Partial<Record<Limit['per'], [unique: string, written?: string]>>,
): LimitAccount[] {
  const written = (per: Limit['per']) => names[per]?.[1] ?? names[per]?.[0];
  const holding = limits.filter(
    ({ per, only }) => names[per] && (!only || only.includes(written(per) ?? '')),
  );
  return mostSpecific(holding, (limit) => limit.per).flatMap((limit) =>
    accountsOf(limit, names[limit.per]?.[0] ?? '', written(limit.per) ?? ''),
  );
}

function accountsOf(limit: Limit, name: string, plain: string): LimitAccount[] {
  const limits = (what: LimitAccount['limits']['what']) => ({ per: limit.per, name: plain, what });
  const id = (what: string) => `${what}:${limit.per}:${name}`;
  const accounts: LimitAccount[] = [];
  const { requests_per_minute: requests, tokens_per_minute: perMinute, concurrency } = limit;
  if (requests !== undefined)
    accounts.push({
      id: id('rpm'),
      kind: 'rate',
      limit: requests,
      spent_elsewhere: 0,
      period_ms: MINUTE_MS,
      limits: limits('requests a minute'),
    });
  if (perMinute !== undefined)
    accounts.push({
      id: id('tpm'),
      kind: 'rate',
      limit: perMinute,
      spent_elsewhere: 0,
      period_ms: MINUTE_MS,
      limits: limits('tokens a minute'),
    });
  if (concurrency !== undefined)
    accounts.push({
      id: id('slots'),
      kind: 'slots',
      limit: concurrency,
      spent_elsewhere: 0,
      period_ms: 0,
      limits: limits('calls at once'),
    });
  return accounts;
}

/** What a settled call has used of a limit. */
export function usedOf(account: LimitAccount, tokens: number): number {
  return account.limits.what === 'tokens a minute' ? tokens : 1;
}
