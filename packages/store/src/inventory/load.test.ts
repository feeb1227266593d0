import { InventoryEvent, InventoryItem, MetricSample } from '@planyard/contracts';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type TestDatabase, testDatabases } from '../testing/open-test-database.ts';
import { catalog, inventoryVersions } from './catalog.ts';
import { loadInventory } from './load.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const item = (code: string, type = 'service', rest: object = {}) =>
  InventoryItem.parse({ code, type, ...rest });
const sample = (code: string, at: string, value: number) =>
  MetricSample.parse({ code, metric: 'cpu_usage', at, value, unit: '%' });

describe.each(testDatabases(inject('postgresUrl')))('the inventory on $name', ({ open }) => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  const own = (tenant: string) => ({ tenant, source: 'files', sample: false, now });

  it('loads, replaces what is loaded again, and shows itself in a catalog', async () => {
    const load = () =>
      loadInventory(store.db, own('acme'), async (rows) => [
        await rows.items([
          item('shop', 'service', {
            owner: 'web',
            attributes: { tier: 1, note: 'a\0b', constructor: 'web' },
          }),
          item('db-01', 'database', { environment: 'prod' }),
        ]),
        await rows.relations([
          { from: 'shop', relation: 'depends_on', to: 'db-01' },
          { from: 'shop', relation: 'depends_on', to: 'db-01' },
        ]),
        await rows.metrics([
          sample('db-01', '2026-11-20T09:00:00Z', 1),
          sample('db-01', '2026-11-20T09:00:00+00:00', 2),
          sample('db-01', '2026-11-20T09:05:00Z', 3),
        ]),
        await rows.events([
          InventoryEvent.parse({
            code: 'shop',
            type: 'deployment',
            at: '2026-11-20T08:00:00Z',
            message: 'v2',
          }),
        ]),
      ]);
    const first = await load();
    expect(first.sample_removed).toBe(false);
    expect(first.result.map((batch) => batch.loaded)).toEqual([2, 1, 2, 1]);
    const again = await load();
    expect(again.result.map((batch) => batch.loaded)).toEqual([2, 0, 2, 0]);
    expect(await catalog(store.db, 'acme')).toMatchObject({
      sample: false,
      item_count: 2,
      items: [
        { code: 'db-01', name: 'db-01', type: 'database' },
        { code: 'shop', name: 'shop', type: 'service' },
      ],
      types: [
        { name: 'database', count: 1 },
        { name: 'service', count: 1 },
      ],
      relation_types: ['depends_on'],
      metrics: [{ name: 'cpu_usage', unit: '%', types: ['database'] }],
      event_types: ['deployment'],
      attributes: {
        environment: ['prod'],
        owner: ['web'],
        status: ['active'],
        tier: ['1'],
        note: ['ab'],
        constructor: ['web'],
      },
      time_range: { from: '2026-11-20T08:00:00.000Z', to: '2026-11-20T09:05:00.000Z' },
    });
    expect(await catalog(store.db, 'other')).toBeNull();
    const values = await store.db.selectFrom('metric_samples').select('value').orderBy('at').execute();
    expect(values.map((row) => row.value)).toEqual([2, 3]);
    expect((await inventoryVersions(store.db)).map((row) => row.tenant)).toEqual(['acme']);
  });

  it('forgets the metrics and times that go with the items of a replaced catalog', async () => {
    const entity = (code: string) => item(code, 'service', { attributes: { backstage_kind: 'component' } });
    const latency = (code: string, at: string) => ({ ...sample(code, at, 1), metric: 'latency' });
    await loadInventory(store.db, own('replaced'), async (rows) => {
      await rows.items([entity('kept'), entity('gone'), item('host')]);
      await rows.metrics([
        sample('gone', '2026-11-18T09:00:00Z', 1),
        sample('kept', '2026-11-19T09:00:00Z', 1),
        sample('host', '2026-11-19T09:05:00Z', 1),
        sample('gone', '2026-11-20T09:00:00Z', 1),
        latency('gone', '2026-11-20T09:30:00Z'),
      ]);
      await rows.metrics([{ ...sample('host', '2026-11-19T09:01:00Z', 1), metric: 'memory' }]);
    });
    const replaced = await loadInventory(store.db, own('replaced'), (rows) => rows.replaceCatalog(['kept']));
    expect(replaced.result).toBe(1);
    const metrics = await store.db
      .selectFrom('metrics')
      .select(['name', 'first_at', 'last_at'])
      .where('tenant', '=', 'replaced')
      .orderBy('name')
      .execute();
    const at = (time: string) => new Date(`2026-11-19T${time}:00.000Z`);
    expect(metrics).toEqual([
      { name: 'cpu_usage', first_at: at('09:00'), last_at: at('09:05') },
      { name: 'memory', first_at: at('09:01'), last_at: at('09:01') },
    ]);
    expect(await catalog(store.db, 'replaced')).toMatchObject({
      metrics: [{ name: 'cpu_usage' }, { name: 'memory' }],
      time_range: { from: '2026-11-19T09:00:00.000Z', to: '2026-11-19T09:05:00.000Z' },
    });
  });

  it('names unknown items, and a thrown error leaves nothing behind', async () => {
    const failed = loadInventory(store.db, own('broken'), async (rows) => {
      await rows.items([item('a')]);
      const { unknown } = await rows.relations([
        { from: 'a', relation: 'depends_on', to: 'a' },
        { from: 'a', relation: 'depends_on', to: 'nowhere' },
      ]);
      expect(unknown).toEqual([{ index: 1, field: 'to', code: 'nowhere' }]);
      throw new Error('bad rows');
    });
    await expect(failed).rejects.toThrow('bad rows');
    expect(await catalog(store.db, 'broken')).toBeNull();
  });

  it("removes the sample with the first load of one's own", async () => {
    await loadInventory(store.db, { ...own('new'), source: 'sample', sample: true }, async (rows) => {
      await rows.items([item('db-01', 'database')]);
      await rows.metrics([sample('db-01', '2026-11-20T09:00:00Z', 1)]);
    });
    expect((await catalog(store.db, 'new'))?.sample).toBe(true);
    const { sample_removed } = await loadInventory(store.db, own('new'), (rows) =>
      rows.items([item('mine')]),
    );
    expect(sample_removed).toBe(true);
    expect(await catalog(store.db, 'new')).toMatchObject({ sample: false, item_count: 1, metrics: [] });
    const left = await sql`select 1 from metric_samples where tenant = 'new'`.execute(store.db);
    expect(left.rows).toEqual([]);
  });
});
