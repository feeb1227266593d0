import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createLeasedLedger } from './leased-ledger.ts';
import {
  type Account,
  accountSet,
  type Claim,
  createLedger,
  isRefusal,
  type Ledger,
  type Reservation,
  type Share,
} from './ledger.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.disconnect());

const NO_TOKENS = { least: 0, most: 0 };
const claim = (taken: Taken[], tokens = NO_TOKENS): Claim => ({
  set: accountSet(taken),
  shares: taken,
  tokens,
});
const log = { info: () => undefined, warn: () => undefined };
const ledgers = () => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  return () => createLedger({ redis, namespace, log });
};
/** An account, and what a call takes of it. */
type Taken = Account & Share;
const account = (more: Partial<Taken>): Taken => ({
  id: 'a',
  kind: 'stock',
  limit: 100,
  fixed: 1,
  each: 0,
  period_ms: 60_000,
  spent_elsewhere: 0,
  ...more,
});

function counted(ledger: Ledger) {
  let trips = 0;
  return {
    trips: () => trips,
    reserve: (...args: Parameters<Ledger['reserve']>) => {
      trips += 1;
      return ledger.reserve(...args);
    },
  };
}

test('far from the limits many calls cost a few trips, and what they used is in the books', async () => {
  const open = ledgers();
  const trips = counted(open());
  const leased = createLeasedLedger(trips);
  const accounts = [
    account({ id: 'usd', limit: 1e9, fixed: 10, each: 2 }),
    account({ id: 'rate', kind: 'rate', limit: 1e9 }),
    account({ id: 'slots', kind: 'slots', limit: 1e6, period_ms: 0 }),
  ];
  const held: Reservation[] = [];
  for (let call = 0; call < 500; call += 1) {
    const outcome = await leased.reserve(claim(accounts, { least: 1, most: 100 }));
    if (isRefusal(outcome)) throw new Error('refused');
    expect(outcome.tokens).toBe(100);
    held.push(outcome);
  }
  expect(trips.trips()).toBeLessThan(20);
  for (const each of held) each.settle(({ id }) => (id === 'usd' ? 30 : 1));
  leased.close();
  const rooms = async () => {
    const nothing = accounts.map((each) => ({ ...each, fixed: 0, each: 0 }));
    const outcome = await open().reserve(claim(nothing));
    return isRefusal(outcome) ? [] : outcome.standings().map(({ room }) => room);
  };
  await expect.poll(rooms).toEqual([1e9 - 500 * 30, 1e9 - 500, 1e6]);
});

test('near the limit every call is counted by itself: three processes let through exactly as many as it says', async () => {
  const open = ledgers();
  const leased = [0, 1, 2].map(() => createLeasedLedger(open()));
  const asked = Array.from({ length: 1_000 }, (_, index) =>
    leased[index % 3]?.reserve(claim([account({ limit: 100 })])),
  );
  const outcomes = await Promise.all(asked);
  expect(outcomes.filter((outcome) => outcome && !isRefusal(outcome))).toHaveLength(100);
});

test('the room of an account that was not asked for in long is forgotten, and costs one trip to be known again', async () => {
  const trips = counted(ledgers()());
  const leased = createLeasedLedger(trips, 2);
  const tripsOf = async (id: string) => {
    const before = trips.trips();
    await leased.reserve(claim([account({ id, limit: 1e9 })]));
    return trips.trips() - before;
  };
  // By itself at first, then by a tranche.
  expect([await tripsOf('a'), await tripsOf('a'), await tripsOf('a')]).toEqual([1, 1, 0]);
  for (const id of ['b', 'c']) await tripsOf(id);
  leased.close();
  expect([await tripsOf('a'), await tripsOf('a')]).toEqual([1, 1]);
  leased.close();
});
