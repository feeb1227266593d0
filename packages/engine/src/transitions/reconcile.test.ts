import type { RunRecord } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { consumeAll, namespaceOf, runRecord, testEngine } from '../engine-harness.ts';

type Harness = ReturnType<typeof testEngine>;
interface Keys {
  /** Of the partition. */
  set(name: string): string;
  run(record: RunRecord, name: string): string;
}

const member = ({ id }: RunRecord, what: string) => `${id}:1|${what}`;
const LONG_AGO = 1;

/** Of each repair: what stands in Redis of a run that cannot be repaired, and of another that needs it. */
const REPAIRS: Record<
  string,
  {
    set: string;
    what: string;
    breaks: (t: Harness, broken: RunRecord, keys: Keys) => Promise<unknown>;
    needs: (t: Harness, other: RunRecord, keys: Keys) => Promise<unknown>;
  }
> = {
  phase_lease: {
    set: 'leases',
    what: '|1.a',
    breaks: (t, broken, keys) => t.redis.set(keys.run(broken, 's:1.a'), 'no hash'),
    needs: (t, other, keys) => t.redis.zadd(keys.set('leases'), LONG_AGO + 1, member(other, '@plan')),
  },
  job_lost: {
    set: 'due',
    what: '|@plan',
    breaks: (t, broken, keys) => t.redis.set(keys.run(broken, 'meta'), 'no hash'),
    async needs(t, other, keys) {
      await Promise.all(t.engine.queues().map((queue) => queue.obliterate({ force: true })));
      await t.redis.zadd(keys.set('due'), LONG_AGO + 1, member(other, '@plan'));
    },
  },
  deadline: {
    set: 'deadlines',
    what: '',
    breaks: (t, broken, keys) => t.redis.hset(keys.run(broken, 'meta'), 'epoch', 'no number'),
    needs: (t, other, keys) => t.redis.zadd(keys.set('deadlines'), LONG_AGO + 1, `${other.id}:1`),
  },
  approval: {
    set: 'approvals',
    what: '|1.a',
    breaks: (t, broken, keys) => t.redis.set(keys.run(broken, 's:1.a'), 'no hash'),
    async needs(t, other) {
      consumeAll(t, {
        steps: [{ id: 'a' }],
        execute: () => ({ kind: 'awaiting_approval', bound_args: {}, effects: 'write', expires_in_ms: 0 }),
      });
      const status = async () => (await t.engine.readStep(other.id, '1.a'))?.status;
      await expect.poll(status).toBe('awaiting_approval');
    },
  },
  swept: {
    set: 'open',
    what: '',
    breaks: (t, broken, keys) => t.redis.set(keys.run(broken, 'ids'), 'no list'),
    needs: (t, other, keys) => t.redis.zrem(keys.set('due'), member(other, '@plan')),
  },
};

test.each(Object.entries(REPAIRS))(
  'a run that cannot be repaired is told, and keeps no other from it: %s',
  async (kind, { set, what, breaks, needs }) => {
    const logged: object[] = [];
    const told: string[] = [];
    const t = testEngine({
      log: { warn: () => {}, error: (fields) => void logged.push(fields) },
      observe: { repaired: (repaired) => told.push(repaired), repairFailed: () => told.push('failed') },
    });
    const prefix = `${namespaceOf(t)}:{p0}:`;
    const keys: Keys = { set: (name) => prefix + name, run: ({ id }, name) => `${prefix}r:${id}:1:${name}` };
    const [broken, other] = [runRecord(), runRecord()];
    await t.engine.submitRun(other);
    await needs(t, other, keys);
    await t.engine.submitRun(broken);
    await breaks(t, broken, keys);
    const overdue = `${broken.id}:1${what}`;
    await t.redis.zadd(keys.set(set), LONG_AGO, overdue);

    await expect(t.engine.reconcile()).rejects.toMatchObject({ code: 'internal' });
    expect(told).toEqual(expect.arrayContaining(['failed', kind]));
    expect(logged).toContainEqual(expect.objectContaining({ run_id: broken.id }));
    // Where the others are looked for it is not in the way.
    if (set !== 'open') expect(Number(await t.redis.zscore(keys.set(set), overdue))).not.toBe(LONG_AGO);
  },
);
