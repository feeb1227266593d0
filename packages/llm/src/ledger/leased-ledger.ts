import {
  type Account,
  type Claim,
  isRefusal,
  type Ledger,
  type Refusal,
  type Reservation,
} from './ledger.ts';

/** A tranche is at most this part of the room that is left. */
const PART = 1_000;
/** Calls of the present size that one tranche is for: for fewer none is opened. */
const FEWEST_CALLS = 64;
const MOST_CALLS = 1_024;
/** Accounts whose room is remembered: each user and run has its own. One that is forgotten costs a trip more. */
const KNOWN_ROOMS = 10_000;
/** Then what is left of it goes back. */
const OPEN_MS = 1_000;

export interface LeasedLedger extends Ledger {
  /** Reserves without a trip, from a tranche in hand; null where there is none, or it does not reach. */
  draw(claim: Claim): Reservation | null;
  /** The same, from a new tranche where none reaches; null where a limit is near. */
  lease(claim: Claim): Promise<Reservation | null>;
  /** Gives back what is not in use. */
  close(): void;
}

/** What is left of an account, as Redis told it last. */
interface Room {
  left: number;
}

/** What one reservation in Redis holds for many calls of this process, all on the same accounts with the same limits. */
interface Tranche {
  reservation: Reservation;
  rooms: Room[];
  /** In the order of the accounts, like the other lists. */
  left: number[];
  used: number[];
  inFlight: number;
  open: boolean;
}

/**
 * Reserves in tranches while what is left of every account is a thousand times as much, so that a quick caller far from its
 * limits costs one Redis trip for many calls. Nearer to them each call is reserved by itself: what a limit lets through is
 * exact. Until a tranche goes back, the other processes see up to a thousandth less.
 */
export function createLeasedLedger(ledger: Ledger, knownRooms = KNOWN_ROOMS): LeasedLedger {
  const tranches = new Map<string, Tranche>();
  const opening = new Map<string, Promise<Refusal | null>>();
  const rooms = new Map<string, Room>();

  function roomOf({ id }: Account): Room {
    const room = rooms.get(id) ?? { left: 0 };
    rooms.delete(id);
    rooms.set(id, room);
    if (rooms.size > knownRooms) rooms.delete(rooms.keys().next().value ?? '');
    return room;
  }

  function note(accounts: Account[], reservation: Reservation): Room[] {
    const standings = reservation.standings();
    return accounts.map((account, index) => {
      const room = roomOf(account);
      room.left = standings[index]?.room ?? 0;
      return room;
    });
  }

  /** How many calls of these amounts a tranche may be for; 0 near a limit. */
  function callsOf(known: (Room | undefined)[], amounts: number[]): number {
    let calls = MOST_CALLS;
    for (let index = 0; index < amounts.length; index += 1) {
      const amount = amounts[index] ?? 0;
      if (amount > 0) calls = Math.min(calls, Math.floor((known[index]?.left ?? 0) / (PART * amount)));
    }
    return calls < FEWEST_CALLS ? 0 : calls;
  }

  async function openTranche({ set }: Claim, amounts: number[], calls: number): Promise<Refusal | null> {
    const shares = amounts.map((amount) => ({ fixed: amount * calls, each: 0 }));
    const reservation = await ledger.reserve({ set, shares, tokens: { least: 0, most: 0 } });
    if (isRefusal(reservation)) return reservation;
    const tranche: Tranche = {
      reservation,
      rooms: note(set.accounts, reservation),
      left: shares.map(({ fixed }) => fixed),
      used: shares.map(() => 0),
      inFlight: 0,
      open: true,
    };
    retire(set.key);
    tranches.set(set.key, tranche);
    setTimeout(() => tranches.get(set.key) === tranche && retire(set.key), OPEN_MS).unref();
    return null;
  }

  function retire(key: string) {
    const tranche = tranches.get(key);
    if (!tranche) return;
    tranches.delete(key);
    tranche.open = false;
    if (tranche.inFlight === 0) giveBack(tranche);
  }

  function giveBack({ reservation, used }: Tranche) {
    let index = 0;
    reservation.settle(() => used[index++] ?? 0);
  }

  /** From a tranche that reaches. */
  function take(tranche: Tranche, claim: Claim, amounts: number[]): Reservation | null {
    const { left, used, rooms } = tranche;
    for (let index = 0; index < amounts.length; index += 1)
      if ((amounts[index] ?? 0) > (left[index] ?? 0)) return null;
    for (let index = 0; index < amounts.length; index += 1)
      left[index] = (left[index] ?? 0) - (amounts[index] ?? 0);
    tranche.inFlight += 1;
    const { accounts } = claim.set;
    return {
      tokens: answerOf(claim),
      standings: () =>
        tranche.reservation.standings().map(({ reset_ms }, index) => ({
          room: (rooms[index]?.left ?? 0) + (left[index] ?? 0),
          reset_ms,
        })),
      settle(usedOf) {
        for (let index = 0; index < accounts.length; index += 1) {
          const account = accounts[index] as Account;
          const spent = account.kind === 'slots' ? 0 : Math.ceil(usedOf(account));
          used[index] = (used[index] ?? 0) + spent;
          left[index] = (left[index] ?? 0) + (amounts[index] ?? 0) - spent;
        }
        tranche.inFlight -= 1;
        if (!tranche.open && tranche.inFlight === 0) giveBack(tranche);
      },
    };
  }

  function draw(claim: Claim): Reservation | null {
    const tranche = tranches.get(claim.set.key);
    if (!tranche) return null;
    const amounts = amountsOf(claim);
    return callsOf(tranche.rooms, amounts) > 0 ? take(tranche, claim, amounts) : null;
  }

  async function lease(claim: Claim): Promise<Reservation | null> {
    const { key, accounts } = claim.set;
    const amounts = amountsOf(claim);
    const callsNow = () =>
      callsOf(
        accounts.map(({ id }) => rooms.get(id)),
        amounts,
      );
    for (let calls = callsNow(); calls > 0; calls = callsNow()) {
      const tranche = tranches.get(key);
      const taken = tranche && take(tranche, claim, amounts);
      if (taken) return taken;
      let opened = opening.get(key);
      if (!opened) {
        opened = openTranche(claim, amounts, calls).finally(() => opening.delete(key));
        opening.set(key, opened);
      }
      if ((await opened) !== null) break;
    }
    return null;
  }

  return {
    draw,
    lease,
    async reserve(claim) {
      const leased = await lease(claim);
      if (leased) return leased;
      const outcome = await ledger.reserve(claim);
      if (!isRefusal(outcome)) note(claim.set.accounts, outcome);
      else roomOf(outcome.account).left = outcome.room;
      return outcome;
    },
    close() {
      for (const key of [...tranches.keys()]) retire(key);
    },
  };
}

/** What a call takes of each account at most. */
function amountsOf(claim: Claim): number[] {
  const tokens = answerOf(claim);
  return claim.shares.map(({ fixed, each }) => fixed + each * tokens);
}

/** Tokens that an answer far from every limit may have. */
function answerOf({ tokens: { most, unlimited = 0 } }: Claim): number {
  return Math.max(most, unlimited);
}
