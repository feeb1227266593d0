import { setTimeout as wait } from 'node:timers/promises';
import type { PlanyardError } from '@planyard/contracts';
import {
  type Account,
  isRefusal,
  type Ledger,
  type Refusal,
  type Standing,
  type TokenRange,
} from '../ledger/ledger.ts';
import { toModelError } from '../model-error.ts';

const POLL_MS = 20;
const POLL_AT_MOST_MS = 1_000;

export interface ReservationContext<A extends Account> {
  ledger: Ledger;
  signal: AbortSignal;
  /** The error of a refusal, and how many milliseconds in all it may be waited for. */
  refuse(refusal: Refusal & { account: A }): { error: PlanyardError; patience_ms: number };
  /** What the call has used of an account, once it is over. */
  used(account: A): number;
  onStandings?(standings: Standing[]): void;
  now: () => number;
  random: () => number;
}

/** Reserves before the stream is opened, settles when it has ended. `open` gets the tokens that the answer may have. */
export async function* withReservation<T, A extends Account>(
  accounts: A[],
  tokens: TokenRange,
  open: (tokens: number) => AsyncIterable<T>,
  context: ReservationContext<A>,
): AsyncIterable<T> {
  if (accounts.length === 0) return yield* open(Math.max(tokens.most, tokens.unlimited ?? 0));
  const reservation = await reserve(accounts, tokens, context);
  try {
    context.onStandings?.(reservation.standings);
    yield* open(reservation.tokens);
  } finally {
    reservation.settle((account) => context.used(account as A));
  }
}

async function reserve<A extends Account>(accounts: A[], tokens: TokenRange, context: ReservationContext<A>) {
  const { ledger, signal, now, random } = context;
  const since = now();
  for (let polls = 0; ; polls += 1) {
    const outcome = await ledger.reserve(accounts, tokens);
    if (!isRefusal(outcome)) return outcome;
    const { error, patience_ms } = context.refuse(outcome as Refusal & { account: A });
    const delay = delayOf(outcome, polls, random);
    if (delay === null || now() - since + delay > patience_ms) throw error;
    await wait(delay, undefined, { signal }).catch((aborted: unknown) => {
      throw toModelError(aborted, signal);
    });
  }
}

/** What others hold they may give back any moment; a rate is known to fit at a certain time. */
function delayOf(refusal: Refusal, polls: number, random: () => number): number | null {
  if (refusal.account.kind === 'rate') return refusal.retry_ms;
  if (refusal.account.kind === 'stock' && refusal.reason === 'full') return null;
  return (0.5 + random() / 2) * Math.min(POLL_AT_MOST_MS, POLL_MS * 1.5 ** polls);
}
