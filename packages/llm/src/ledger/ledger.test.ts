import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import {
  type Account,
  accountSet,
  type Claim,
  createLedger,
  isRefusal,
  type Reservation,
  type Share,
} from './ledger.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.disconnect());

const log = { info: () => undefined, warn: () => undefined };
const NO_TOKENS = { least: 0, most: 0 };
const claim = (taken: Taken[], tokens = NO_TOKENS): Claim => ({
  set: accountSet(taken),
  shares: taken,
  tokens,
});

/** An account, and what a call takes of it. */
type Taken = Account & Share;

function account(more: Partial<Taken>): Taken {
  return {
    id: 'a',
    kind: 'stock',
    limit: 100,
    fixed: 10,
    each: 0,
    period_ms: 0,
    spent_elsewhere: 0,
    ...more,
  };
}

async function reserved(made: ReturnType<ReturnType<typeof createLedger>['reserve']>): Promise<Reservation> {
  const outcome = await made;
  if (isRefusal(outcome)) throw new Error(`refused: ${JSON.stringify(outcome)}`);
  return outcome;
}

const leasesOf = (namespace: string, id: string) => `${namespace}:{llm}:leases:${id}`;
/** Ends the leases of an account, as time does where nobody renews them; gives how many there were. */
async function runOut(namespace: string, id: string): Promise<number> {
  const held = await redis.zrange(leasesOf(namespace, id), '0', '-1');
  if (held.length > 0)
    await redis.zadd(leasesOf(namespace, id), 'XX', ...held.flatMap((each) => ['1', each]));
  return held.length;
}
const stillRunOut = (namespace: string, id: string) => redis.zcount(leasesOf(namespace, id), 1, 1);

test('a dead process gives its slots back and is charged what it had reserved', async () => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const dying = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 0 });
  const slots = account({ id: 's', kind: 'slots', limit: 1, fixed: 1 });
  const money = account({ id: 'm', limit: 100, fixed: 60 });
  await createLedger({ redis: dying, namespace, log }).reserve(claim([slots, money]));
  const ledger = createLedger({ redis, namespace, log });
  expect(await ledger.reserve(claim([slots]))).toMatchObject({ reason: 'full', room: 0 });
  expect(await ledger.reserve(claim([money]))).toMatchObject({ reason: 'busy' });
  dying.disconnect();
  expect([await runOut(namespace, 's'), await runOut(namespace, 'm')]).toEqual([1, 1]);
  expect(isRefusal(await ledger.reserve(claim([slots])))).toBe(false);
  expect(await ledger.reserve(claim([money]))).toMatchObject({ reason: 'full', room: 40 });
});

test('what is sent again, as its reply was lost, is reserved once', async () => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const twice = new Proxy(redis, {
    get: (target, name) =>
      name === 'evalsha' || name === 'eval'
        ? async (...args: Parameters<Redis['eval']>) => {
            await target[name](...args);
            return await target[name](...args);
          }
        : Reflect.get(target, name, target),
  });
  const ledger = createLedger({ redis: twice, namespace, log });
  const accounts = [account({ id: 's', kind: 'slots', limit: 2, fixed: 1 }), account({ id: 'm', fixed: 60 })];
  const made = await reserved(ledger.reserve(claim(accounts)));
  made.settle(() => 0);
  const left = (id: string) => redis.hget(`${namespace}:{llm}:book:${id}`, 'reserved');
  await expect.poll(() => Promise.all([left('s'), left('m')])).toEqual(['0', '0']);
});

test('one that had reserved nothing yet keeps nobody out', async () => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const dying = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 0 });
  const nothing = account({ fixed: 0 });
  await createLedger({ redis: dying, namespace, log }).reserve(claim([nothing]));
  dying.disconnect();
  expect(await runOut(namespace, 'a')).toBe(1);
  await reserved(createLedger({ redis, namespace, log }).reserve(claim([nothing])));
  expect(await stillRunOut(namespace, 'a')).toBe(0);
});

test('a living one keeps what it has reserved beyond the lease', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const ledger = createLedger({ redis, namespace, log }, 60_000);
  const slots = account({ kind: 'slots', limit: 1, fixed: 1 });
  const held = await reserved(ledger.reserve(claim([slots])));
  for (let time = 0; time < 3; time += 1) {
    expect(await runOut(namespace, 'a')).toBe(1);
    vi.advanceTimersByTime(30_000);
    await expect.poll(() => stillRunOut(namespace, 'a')).toBe(0);
    expect(isRefusal(await ledger.reserve(claim([slots])))).toBe(true);
  }
  held.settle(() => 0);
  await expect.poll(async () => isRefusal(await ledger.reserve(claim([slots])))).toBe(false);
});

test('all accounts or none: what does not fit into one is taken from no other', async () => {
  const ledger = createLedger({ redis, namespace: `t${randomUUID().slice(0, 8)}`, log });
  const wide = account({ id: 'wide', limit: 1_000 });
  const narrow = account({ id: 'narrow', limit: 5 });
  expect(await ledger.reserve(claim([wide, narrow]))).toMatchObject({ account: narrow, reason: 'full' });
  expect((await reserved(ledger.reserve(claim([wide])))).standings()).toEqual([{ room: 990, reset_ms: 0 }]);
});

test('an answer gets the tokens that the tightest account affords', async () => {
  const ledger = createLedger({ redis, namespace: `t${randomUUID().slice(0, 8)}`, log });
  const accounts = [
    account({ id: 'usd', limit: 1_000, fixed: 100, each: 7 }),
    account({ id: 't', limit: 500, each: 1 }),
  ];
  const { tokens, settle } = await reserved(ledger.reserve(claim(accounts, { least: 16, most: 4_000 })));
  expect(tokens).toBe(Math.floor(900 / 7));
  settle(() => 50);
  await expect
    .poll(async () =>
      (await reserved(ledger.reserve(claim(accounts, { least: 0, most: 0 }))))
        .standings()
        .map(({ room }) => room),
    )
    .toEqual([850, 440]);
});
