import type { Caller } from '@planyard/contracts';
import type { Limit } from '../config/limit.ts';
import type { Account } from '../ledger/ledger.ts';
import type { Target } from './targets.ts';

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

/** The limits of who asks; of those on tokens nothing is taken until they are `sized`. */
export function callerLimits(limits: Limit[], caller: Caller | null): LimitAccount[] {
  if (!caller) return [];
  const { tenant, user, key_id } = caller;
  return limitsFor(limits, { key: [key_id], user: [`${tenant}/${user}`, user], tenant: [tenant] });
}

/** The limits of what is asked, in the same way. */
export function targetLimits(limits: Limit[], target: Target): LimitAccount[] {
  return limitsFor(limits, { provider: [target.name.provider], model: [target.id] });
}

/** The limits for a call that will take so many tokens, input and output together. */
export function sized(accounts: LimitAccount[], tokens: number): LimitAccount[] {
  return accounts.map((account) =>
    account.limits.what === 'tokens a minute'
      ? // One call over the limit is let through when nothing else is: it would never be otherwise.
        { ...account, fixed: Math.min(tokens, account.limit) }
      : account,
  );
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
  const base = { each: 0, spent_elsewhere: 0 };
  const limits = (what: LimitAccount['limits']['what']) => ({ per: limit.per, name: plain, what });
  const id = (what: string) => `${what}:${limit.per}:${name}`;
  const accounts: LimitAccount[] = [];
  const { requests_per_minute: requests, tokens_per_minute: perMinute, concurrency } = limit;
  if (requests !== undefined)
    accounts.push({
      ...base,
      id: id('rpm'),
      kind: 'rate',
      limit: requests,
      fixed: 1,
      period_ms: MINUTE_MS,
      limits: limits('requests a minute'),
    });
  if (perMinute !== undefined)
    accounts.push({
      ...base,
      id: id('tpm'),
      kind: 'rate',
      limit: perMinute,
      fixed: 0,
      period_ms: MINUTE_MS,
      limits: limits('tokens a minute'),
    });
  if (concurrency !== undefined)
    accounts.push({
      ...base,
      id: id('slots'),
      kind: 'slots',
      limit: concurrency,
      fixed: 1,
      period_ms: 0,
      limits: limits('calls at once'),
    });
  return accounts;
}

/** What a settled call has used of a limit. */
export function usedOf(account: LimitAccount, tokens: number): number {
  return account.limits.what === 'tokens a minute' ? tokens : account.fixed;
}
