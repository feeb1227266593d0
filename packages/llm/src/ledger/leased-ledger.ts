import {
  type Account,
  isRefusal,
  type Ledger,
  type Refusal,
  type Reservation,
  type TokenRange,
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
  draw(accounts: Account[], tokens: TokenRange): Reservation | null;
  /** The same, from a new tranche where none reaches; null where a limit is near. */
  lease(accounts: Account[], tokens: TokenRange): Promise<Reservation | null>;
  /** Gives back what is not in use. */
  close(): void;
}

/** What a call takes at most. */
interface Claim {
  /** The same for all calls on the same accounts with the same limits: they share a tranche. */
  key: string;
  accounts: Account[];
  amounts: number[];
  tokens: number;
}

/** What one reservation in Redis holds for many calls of this process. */
interface Tranche {
  reservation: Reservation;
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
  /** The room of each account as Redis told it last. */
  const rooms = new Map<string, number>();

  function note(accounts: Account[], { standings }: Reservation) {
    for (const [index, { id }] of accounts.entries()) noteRoom(id, standings[index]?.room ?? 0);
  }

  function noteRoom(id: string, room: number) {
    rooms.delete(id);
    rooms.set(id, room);
    if (rooms.size > knownRooms) rooms.delete(rooms.keys().next().value ?? '');
  }

  /** How many such calls a tranche may be for; 0 near a limit. */
  function callsOf({ accounts, amounts }: Claim): number {
    let calls = MOST_CALLS;
    for (const [index, { id }] of accounts.entries()) {
      const amount = amounts[index] ?? 0;
      if (amount > 0) calls = Math.min(calls, Math.floor((rooms.get(id) ?? 0) / (PART * amount)));
    }
    return calls < FEWEST_CALLS ? 0 : calls;
  }

  async function openTranche({ key, accounts, amounts }: Claim, calls: number): Promise<Refusal | null> {
    const sizes = accounts.map((account, index) => ({
      ...account,
      fixed: (amounts[index] ?? 0) * calls,
      each: 0,
    }));
    const reservation = await ledger.reserve(sizes, { least: 0, most: 0 });
    if (isRefusal(reservation)) return reservation;
    note(accounts, reservation);
    const tranche: Tranche = {
      reservation,
      left: sizes.map(({ fixed }) => fixed),
      used: sizes.map(() => 0),
      inFlight: 0,
      open: true,
    };
    retire(key);
    tranches.set(key, tranche);
    setTimeout(() => tranches.get(key) === tranche && retire(key), OPEN_MS).unref();
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

  function drawFrom(tranche: Tranche, { accounts, amounts, tokens }: Claim): Reservation {
    for (const [index, amount] of amounts.entries())
      tranche.left[index] = (tranche.left[index] ?? 0) - amount;
    tranche.inFlight += 1;
    return {
      tokens,
      standings: tranche.reservation.standings.map(({ room, reset_ms }, index) => ({
        room: room + (tranche.left[index] ?? 0),
        reset_ms,
      })),
      settle(usedOf) {
        for (const [index, account] of accounts.entries()) {
          const used = account.kind === 'slots' ? 0 : Math.ceil(usedOf(account));
          tranche.used[index] = (tranche.used[index] ?? 0) + used;
          tranche.left[index] = (tranche.left[index] ?? 0) + (amounts[index] ?? 0) - used;
        }
        tranche.inFlight -= 1;
        if (!tranche.open && tranche.inFlight === 0) giveBack(tranche);
      },
    };
  }

  /** From a tranche in hand that reaches. */
  function take(claim: Claim): Reservation | null {
    const tranche = tranches.get(claim.key);
    const reaches = tranche && claim.amounts.every((amount, index) => amount <= (tranche.left[index] ?? 0));
    return reaches ? drawFrom(tranche, claim) : null;
  }

  function draw(accounts: Account[], tokens: TokenRange): Reservation | null {
    const key = keyOf(accounts);
    if (!tranches.has(key)) return null;
    const claim = claimOf(key, accounts, tokens);
    return callsOf(claim) > 0 ? take(claim) : null;
  }

  async function lease(accounts: Account[], tokens: TokenRange): Promise<Reservation | null> {
    const claim = claimOf(keyOf(accounts), accounts, tokens);
    for (let calls = callsOf(claim); calls > 0; calls = callsOf(claim)) {
      const taken = take(claim);
      if (taken) return taken;
      let opened = opening.get(claim.key);
      if (!opened) {
        opened = openTranche(claim, calls).finally(() => opening.delete(claim.key));
        opening.set(claim.key, opened);
      }
      if ((await opened) !== null) break;
    }
    return null;
  }

  return {
    draw,
    lease,
    async reserve(accounts, tokens) {
      const leased = await lease(accounts, tokens);
      if (leased) return leased;
      const outcome = await ledger.reserve(accounts, tokens);
      if (!isRefusal(outcome)) note(accounts, outcome);
      else noteRoom(outcome.account.id, outcome.room);
      return outcome;
    },
    close() {
      for (const key of [...tranches.keys()]) retire(key);
    },
  };
}

function keyOf(accounts: Account[]): string {
  return accounts.map(({ id, limit }) => `${id} ${limit}`).join();
}

function claimOf(key: string, accounts: Account[], { most, unlimited = 0 }: TokenRange): Claim {
  const tokens = Math.max(most, unlimited);
  return {
    key,
    accounts,
    amounts: accounts.map(({ fixed, each }) => fixed + each * tokens),
    tokens,
  };
}
