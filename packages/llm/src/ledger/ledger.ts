import { randomUUID } from 'node:crypto';
import { PlanyardError } from '@planyard/contracts';
import type { LlmLog } from '../log.ts';
import { keyOf, type LlmRedis } from '../redis/connection.ts';
import { loadScript } from '../redis/script.ts';

const RESERVE = loadScript('./reserve.lua', import.meta.url);
const SETTLE = loadScript('./settle.lua', import.meta.url);
const RENEW = loadScript('./renew.lua', import.meta.url);

/** A process that dies gives its slots back after so long. */
const LEASE_MS = 15_000;

/** Something that is limited, over all processes. Amounts are whole numbers. */
export interface Account {
  /** Unique among all accounts; the same in every process. */
  id: string;
  /** `rate` counts within a sliding `period_ms`, `stock` is used up, `slots` are given back. */
  kind: 'rate' | 'stock' | 'slots';
  limit: number;
  /** Of a `rate`; for the others how long they are remembered, 0 for ever. */
  period_ms: number;
  /** What was used of it and is not in the books. */
  spent_elsewhere: number;
}

/** Accounts on which calls reserve together: the same for all calls of a caller to a model. */
export interface AccountSet<A extends Account = Account> {
  accounts: A[];
  /** Sets of the same accounts with the same limits have the same. */
  key: string;
}

export function accountSet<A extends Account>(accounts: A[]): AccountSet<A> {
  return { accounts, key: accounts.map(({ id, limit }) => `${id} ${limit}`).join() };
}

/** What a call takes of an account. */
export interface Share {
  /** Whatever it answers. */
  fixed: number;
  /** For each token of its answer on top. */
  each: number;
}

/** What is to be reserved for a call. */
export interface Claim<A extends Account = Account> {
  set: AccountSet<A>;
  /** In the order of the accounts. */
  shares: Share[];
  tokens: TokenRange;
}

/** What one call has reserved. */
export interface Reservation {
  /** Tokens that the answer may have. */
  tokens: number;
  /** In the order of the accounts. */
  standings(): Standing[];
  /** Replaces what was reserved by what was used; once. */
  settle(used: (account: Account) => number): void;
}

export interface Standing {
  room: number;
  reset_ms: number;
}

export interface Refusal {
  account: Account;
  /** `busy`: it would fit if those that have reserved used less. */
  reason: 'full' | 'busy';
  /** null: it never fits. */
  retry_ms: number | null;
  room: number;
}

/** How many tokens the answer of a call may have. */
export interface TokenRange {
  /** Fewer are refused. */
  least: number;
  /** As many are granted where there is room. */
  most: number;
  /** What an answer without a limit may take: granted instead of `most` while every account has room for several such answers. Left out where the call names its limit. */
  unlimited?: number;
}

/** Accounts in Redis. A script reserves on several at once, on all or on none. */
export interface Ledger {
  /** Throws `unavailable` when Redis does not answer: nothing is spent that cannot be counted. */
  reserve(claim: Claim): Promise<Reservation | Refusal>;
}

export function createLedger(deps: LlmRedis & { log: LlmLog }, leaseMs = LEASE_MS): Ledger {
  const { redis, log } = deps;
  const bookOf = ({ id }: Account) => keyOf(deps, 'book', id);
  const leasesOf = ({ id }: Account) => keyOf(deps, 'leases', id);

  return {
    async reserve({ set: { accounts }, shares, tokens }) {
      const id = randomUUID();
      const keys = accounts.flatMap((account) => [bookOf(account), leasesOf(account)]);
      const reply = (await RESERVE(
        redis,
        [...keys, keyOf(deps, 'told', id)],
        [
          id,
          leaseMs,
          tokens.least,
          tokens.most,
          tokens.unlimited ?? 0,
          ...accounts.flatMap(({ kind, limit, period_ms, spent_elsewhere }, index) => [
            kind,
            limit,
            shares[index]?.fixed ?? 0,
            shares[index]?.each ?? 0,
            period_ms,
            spent_elsewhere,
          ]),
        ],
      ).catch((cause: unknown) => {
        throw new PlanyardError('unavailable', 'what calls use cannot be counted now', {
          cause,
          retryAfter: 2,
        });
      })) as (number | string)[];
      if (reply[0] === 0) return refusal(accounts, reply);

      const entries = accounts.map((account, index) => {
        const [amount, room, reset, window] = reply.slice(2 + index * 4).map(Number);
        return { account, amount: amount ?? 0, room: room ?? 0, reset: reset ?? 0, window: window ?? 0 };
      });
      const leased = entries.filter(({ account }) => account.kind !== 'rate');
      const renewal = setInterval(() => {
        RENEW(
          redis,
          leased.map(({ account }) => leasesOf(account)),
          [leaseMs, id, ...leased.map(({ amount }) => amount)],
        ).catch((error: unknown) => log.warn({ err: error }, 'a reservation could not be renewed'));
      }, leaseMs / 3).unref();
      if (leased.length === 0) clearInterval(renewal);

      return {
        tokens: Number(reply[1]),
        standings: () => entries.map(({ room, reset }) => ({ room, reset_ms: reset })),
        settle(used) {
          clearInterval(renewal);
          const args = entries.flatMap(({ account, amount, window }) => [
            account.kind,
            amount,
            Math.ceil(used(account)),
            account.period_ms,
            window,
          ]);
          SETTLE(redis, keys, [id, ...args]).catch((error: unknown) =>
            log.warn({ err: error }, 'a reservation could not be settled: it stays charged at its estimate'),
          );
        },
      };
    },
  };
}

export function isRefusal(outcome: Reservation | Refusal): outcome is Refusal {
  return 'reason' in outcome;
}

function refusal(accounts: Account[], reply: (number | string)[]): Refusal {
  const [, index, reason, retry, room] = reply;
  return {
    account: accounts[Number(index) - 1] as Account,
    reason: reason as Refusal['reason'],
    retry_ms: Number(retry) < 0 ? null : Number(retry),
    room: Number(room),
  };
}
