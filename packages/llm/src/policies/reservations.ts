import { setTimeout as wait } from 'node:timers/promises';
import { PlanyardError } from '@planyard/contracts';
import type { LeasedLedger } from '../ledger/leased-ledger.ts';
import {
  type Account,
  type Claim,
  isRefusal,
  type Ledger,
  type Refusal,
  type Reservation,
  type TokenRange,
} from '../ledger/ledger.ts';
import { toModelError } from '../model-error.ts';

const POLL_MS = 20;
const POLL_AT_MOST_MS = 1_000;

export interface ReservationContext<A extends Account> {
  /** null where there is no Redis: then nothing can be reserved. */
  ledger: LeasedLedger | null;
  signal: AbortSignal;
  /** The error of a refusal, and how many milliseconds in all it may be waited for. */
  refuse(refusal: Refusal & { account: A }): { error: PlanyardError; patience_ms: number };
  /** What the call has used of an account, once it is over. */
  used(account: A): number;
  onReserved?(reservation: Reservation): void;
  now: () => number;
  random: () => number;
}

/** The claim of a call as it can be told at once, at most, and as it is when its tokens are counted: on the same accounts. */
export interface Claims<A extends Account> {
  /** null where it must be counted. */
  atMost: Claim<A> | null;
  counted(): Promise<Claim<A>>;
}

/** Reserves before the stream is opened, settles when it has ended. `open` gets the tokens that the answer may have, of the range that was claimed. Throws `unavailable` without a ledger, and what `refuse` makes of a refusal. */
export async function* withReservation<T, A extends Account>(
  { atMost, counted }: Claims<A>,
  open: (tokens: number, range: TokenRange) => AsyncIterable<T>,
  context: ReservationContext<A>,
): AsyncIterable<T> {
  const { ledger } = context;
  let claim = atMost ?? (await counted());
  if (claim.shares.every(({ fixed, each }) => fixed + each === 0))
    return yield* open(Math.max(claim.tokens.most, claim.tokens.unlimited ?? 0), claim.tokens);
  if (!ledger) throw new PlanyardError('unavailable', 'limits and budgets need Redis');
  // Far from every limit it is enough to reserve what the call takes at most: nothing need be counted.
  let reservation = atMost && (ledger.draw(atMost) ?? (await ledger.lease(atMost)));
  if (!reservation) {
    if (atMost) claim = await counted();
    reservation = await reserve(claim, ledger, context);
  }
  try {
    context.onReserved?.(reservation);
    yield* open(reservation.tokens, claim.tokens);
  } finally {
    reservation.settle((account) => context.used(account as A));
  }
}

/** Reserves a claim, and waits where that may help as long as `refuse` says. Throws what it makes of a refusal. */
export async function reserve<A extends Account>(
  claim: Claim<A>,
  ledger: Ledger,
  context: Pick<ReservationContext<A>, 'signal' | 'refuse' | 'now' | 'random'>,
): Promise<Reservation> {
  const { signal, now, random } = context;
  const since = now();
  for (let polls = 0; ; polls += 1) {
    const outcome = await ledger.reserve(claim);
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
