import { InventoryItem } from '@planyard/contracts';
import { createLogger } from '@planyard/runtime';
import { loadInventory } from '@planyard/store';
import { openPGlite, type TestDatabase } from '@planyard/store/testing';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkInput } from '../execute/check-input.ts';
import { prepareResult } from '../execute/prepare-result.ts';
import { loadTools } from '../registry/load-tools.ts';
import { loadSampleInventory } from '../sample/load-sample-inventory.ts';

// Each truth is stated by SQL of its own, which shares nothing with the tools.

const NOW = new Date('2026-11-20T10:02:30.000Z');
const TENANT = 'default';
let database: TestDatabase;
const tools = await loadTools();

beforeAll(async () => {
  database = await openPGlite();
  await loadSampleInventory(database.db, { tenant: TENANT, now: NOW, seed: 7 });
  await loadInventory(
    database.db,
    { tenant: 'rival', source: 'own', sample: false, now: NOW },
    async (load) => {
      await load.items(
        ['orders-db', 'secret-db'].map((code) =>
          InventoryItem.parse({ code, type: 'database', owner: 'rival' }),
        ),
      );
      await load.relations([{ from: 'secret-db', relation: 'depends_on', to: 'orders-db' }]);
      await load.metrics([
        { code: 'orders-db', metric: 'cpu_usage', at: NOW.toISOString(), value: 100, unit: '%' },
      ]);
      await load.events([
        {
          code: 'orders-db',
          type: 'alert',
          severity: 'critical',
          at: NOW.toISOString(),
          message: 'rival',
          attributes: {},
        },
      ]);
    },
  );
}, 60_000);
afterAll(() => database.close());

/** What the tests read of any item, event, group or path. */
interface Row {
  id: string;
  code: string;
  type: string;
  at: string;
  value: number;
  samples: number;
  depth: number;
  direction: string;
  key: string | null;
  item: Row;
  points: unknown[];
  nodes: Row[];
  edges: Row[];
}
type Lists = Record<
  'items' | 'relations' | 'groups' | 'series' | 'nodes' | 'paths' | 'events' | 'fired',
  Row[]
>;
interface Value extends Lists {
  item: Row;
  total: number;
  total_items: number;
  total_groups: number;
  total_fired: number;
  next_page: number | null;
  overall: unknown;
  unknown: string[];
  bucket_s: number;
  length: number;
  truncated: boolean;
}

async function call(
  name: string,
  args: Parameters<typeof checkInput>[1],
  at = { now: NOW, tenant: TENANT },
): Promise<Value> {
  const tool = tools.get(name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  const { input } = checkInput(tool, args);
  const output = await tool.definition.execute(input, {
    signal: new AbortController().signal,
    log: createLogger({ service: 'test', level: 'silent' }),
    idempotency_key: 'k',
    progress: () => {},
    spent: () => {},
    store: { db: database.db, ...at, sources: async () => [] },
  });
  return prepareResult(tool, output).value as unknown as Value;
}

async function truth<T>(query: RawBuilder<T>): Promise<T[]> {
  return (await query.execute(database.db)).rows;
}

const codes = (list: Row[]) => list.map((item) => item.code);

it('has the eleven ops tools and the one that collects a composition, with the profiles the selector counts on', () => {
  expect([...tools.keys()]).toEqual([
    'cep.simulate',
    'ci.aggregate',
    'ci.get_by_code',
    'ci.get',
    'ci.list_preview',
    'ci.search',
    'composition.collect',
    'graph.expand',
    'graph.path',
    'history.event_log',
    'metric.aggregate',
    'metric.series',
  ]);
  expect(tools.get('ci.search')?.manifest).toMatchObject({
    profile: { accuracy: 0.95, complexity: 'low' },
    broad_search: true,
    effects: 'read',
    input_schema: { type: 'object', additionalProperties: false },
  });
  expect(tools.get('graph.path')?.manifest.profile).toEqual({ accuracy: 0.9, complexity: 'high' });
});

describe('ci', () => {
  it('search finds by code, name, words and plural types, best first', async () => {
    expect(codes((await call('ci.search', { query: 'orders-db' })).items)[0]).toBe('orders-db');
    expect(codes((await call('ci.search', { query: 'Where is the Orders DB?' })).items)[0]).toBe('orders-db');
    const found = await call('ci.search', { query: 'databases', limit: 100 });
    const [{ count } = { count: 0 }] = await truth(
      sql<{ count: number }>`select count(*)::int from items where tenant = ${TENANT} and type = 'database'`,
    );
    expect(
      codes(found.items)
        .slice(0, count)
        .every((code) => /-db$|-cache$/.test(code)),
    ).toBe(true);
    expect(await call('ci.search', { query: 'zeppelin' })).toEqual({ items: [], total: 0 });
    expect(await call('ci.search', { query: 'secret' })).toEqual({ items: [], total: 0 });
    const filtered = await call('ci.search', { type: ['Databases', 'queue'], owner: 'team-platform' });
    expect(codes(filtered.items)).toEqual(
      (
        await truth(sql<{ code: string }>`select code from items where tenant = ${TENANT}
        and type in ('database', 'queue') and owner = 'team-platform' order by code`)
      ).map((row) => row.code),
    );
  });

  it('get and get_by_code tell everything about one item, and name the near misses', async () => {
    const byCode = await call('ci.get_by_code', { code: 'ORDERS-DB' });
    expect(byCode.item).toMatchObject({
      code: 'orders-db',
      name: 'Orders DB',
      owner: 'team-commerce',
      attributes: { engine: 'postgres' },
    });
    expect(await call('ci.get', { id: byCode.item.id })).toEqual(byCode);
    expect(await call('ci.get', { id: 'orders db' })).toEqual(byCode);
    const dependents = byCode.relations.filter((each) => each.direction === 'in');
    expect(dependents).toEqual([expect.objectContaining({ code: 'orders', relation: 'depends_on' })]);
    await expect(call('ci.get', { id: 'order' })).rejects.toMatchObject({
      code: 'invalid_args',
      message: expect.stringMatching(/did you mean .*orders/),
    });
    await expect(call('ci.get', { id: 'secret-db' })).rejects.toMatchObject({ code: 'invalid_args' });
  });

  it('aggregate counts, sums and averages in groups', async () => {
    const byType = await call('ci.aggregate', { group_by: 'type' });
    expect(Object.fromEntries(byType.groups.map((group) => [group.key, group.value]))).toEqual(
      Object.fromEntries(
        (
          await truth(sql<{ type: string; n: number }>`
        select type, count(*)::int as n from items where tenant = ${TENANT} group by type`)
        ).map((row) => [row.type, row.n]),
      ),
    );
    const size = await call('ci.aggregate', {
      type: 'database',
      agg: 'sum',
      field: 'size_gb',
      group_by: 'engine',
      top: 1,
    });
    const [most] = await truth(sql<{ key: string; value: number }>`
      select attributes ->> 'engine' as key, sum((attributes ->> 'size_gb')::float8) as value from items
      where tenant = ${TENANT} and type = 'database' group by 1 order by 2 desc limit 1`);
    expect(size.groups).toEqual([{ ...most, count: 5 }]);
    expect(size.total_groups).toBe(2);
    await expect(call('ci.aggregate', { agg: 'avg' })).rejects.toMatchObject({ code: 'invalid_args' });
    expect(await call('ci.aggregate', { type: 'unicorn' })).toMatchObject({ groups: [], total_items: 0 });
  });

  it('list_preview pages', async () => {
    const all: string[] = [];
    let page: number | null = 1;
    while (page !== null) {
      const shown: Value = await call('ci.list_preview', { type: 'service', page, page_size: 5 });
      all.push(...codes(shown.items));
      page = shown.next_page;
      expect(shown.total).toBe(12);
    }
    expect(all).toEqual(
      (
        await truth(sql<{ code: string }>`
      select code from items where tenant = ${TENANT} and type = 'service' order by code`)
      ).map((row) => row.code),
    );
  });
});

describe('metric', () => {
  it('aggregate ranks the most loaded hosts of the last hour', async () => {
    const { items, overall, ...about } = await call('metric.aggregate', {
      type: 'hosts',
      metric: 'CPU usage',
      top: 3,
    });
    const rows = await truth(sql<{ code: string; value: number; samples: number }>`
      select i.code, avg(s.value) as value, count(*)::int as samples
      from metric_samples s, items i
      where s.tenant = ${TENANT} and i.tenant = ${TENANT} and s.item_id = i.id and i.type = 'host'
        and s.metric = 'cpu_usage' and s.at > '2026-11-20T09:00:00Z' and s.at <= '2026-11-20T10:00:00Z'
      group by i.code order by 2 desc limit 3`);
    expect(items.map(({ code, value, samples }) => ({ code, value, samples }))).toEqual(
      rows.map((row) => ({ ...row, value: expect.closeTo(row.value, 6) })),
    );
    expect(rows[0]?.samples).toBe(12);
    expect(overall).toMatchObject({ samples: 120, items: 10 });
    expect(about).toMatchObject({
      unit: '%',
      to: '2026-11-20T10:00:00.000Z',
      anchored_at: '2026-11-20T10:00:00.000Z',
    });
  });

  it('aggregate gives percentiles, extremes and newest values of named items over any range', async () => {
    const range = { from: '2026-11-17T05:00:00Z', to: '2026-11-17T09:00:00Z' };
    const args = { ci_ids: ['orders-db', 'payments-db', 'no-such'], metric: 'connections', range };
    const where = sql`s.tenant = ${TENANT} and s.metric = 'connections'
      and s.item_id = (select id from items where tenant = ${TENANT} and code = 'orders-db')
      and s.at >= ${range.from}::timestamptz and s.at <= ${range.to}::timestamptz`;
    for (const [agg, expression] of [
      ['p95', sql`percentile_cont(0.95) within group (order by value)`],
      ['max', sql`max(value)`],
      ['min', sql`min(value)`],
      ['sum', sql`sum(value)`],
      ['count', sql`count(*)::float8`],
      ['last', sql`(select value from metric_samples s where ${where} order by at desc limit 1)`],
    ] as const) {
      const result = await call('metric.aggregate', { ...args, agg });
      const [row] = await truth(
        sql<{ value: number }>`select ${expression} as value from metric_samples s where ${where}`,
      );
      const shown = result.items.find((item) => item.code === 'orders-db');
      expect(shown?.value, agg).toBeCloseTo(row?.value ?? Number.NaN, 6);
      expect(result.unknown).toEqual(['no-such']);
    }
  });

  it('aggregate takes an empty list for none, and says what it does not know', async () => {
    expect(await call('metric.aggregate', { ci_ids: [], metric: 'cpu_usage' })).toMatchObject({
      items: [],
      overall: null,
    });
    expect(await call('metric.aggregate', { ci_ids: 'order-events', metric: 'cpu_usage' })).toMatchObject({
      items: [],
      without_samples: ['order-events'],
    });
    await expect(call('metric.aggregate', { metric: 'happiness' })).rejects.toMatchObject({
      message: expect.stringContaining('cpu_usage'),
    });
    await expect(
      call('metric.aggregate', { ci_ids: ['secret-db'], metric: 'cpu_usage' }),
    ).rejects.toMatchObject({ code: 'invalid_args' });
  });

  it('series buckets over time', async () => {
    const { series, bucket_s } = await call('metric.series', {
      ci_ids: 'checkout',
      metric: 'latency_p95',
      range: 'yesterday',
      bucket: '1h',
      agg: 'max',
    });
    const rows = await truth(sql<{ at: Date; value: number }>`
      select date_trunc('hour', at) as at, max(value) as value from metric_samples
      where tenant = ${TENANT} and metric = 'latency_p95' and at >= '2026-11-19T00:00Z' and at < '2026-11-20T00:00Z'
        and item_id = (select id from items where tenant = ${TENANT} and code = 'checkout')
      group by 1 order by 1`);
    expect(bucket_s).toBe(3600);
    expect(series[0]?.points).toEqual(rows.map(({ at, value }) => ({ at: at.toISOString(), value })));
    expect(rows).toHaveLength(24);
    const week = await call('metric.series', { ci_ids: 'checkout', metric: 'latency_p95', range: 'all' });
    expect(week.series[0]?.points.length).toBeLessThanOrEqual(61);
  });
});

describe('graph', () => {
  it('expand finds what depends on a database, directly and further away', async () => {
    const direct = await call('graph.expand', {
      ci_id: 'catalog-db',
      direction: 'in',
      relation_types: 'depends_on',
    });
    const rows = await truth(sql<{ code: string }>`
      select f.code from relations r, items f, items t
      where r.tenant = ${TENANT} and f.tenant = ${TENANT} and t.tenant = ${TENANT}
        and f.id = r.from_id and t.id = r.to_id and t.code = 'catalog-db' and r.relation = 'depends_on' order by 1`);
    expect(codes(direct.nodes)).toEqual(rows.map((row) => row.code));
    const far = await call('graph.expand', {
      ci_id: 'catalog-db',
      direction: 'in',
      depth: 10,
      node_types: 'service',
    });
    const reached = await truth(sql<{ code: string }>`
      with recursive up(id) as (
        select id from items where tenant = ${TENANT} and code = 'catalog-db'
        union select r.from_id from up join relations r on r.tenant = ${TENANT} and r.to_id = up.id
      ) select code from items where tenant = ${TENANT} and id in (select id from up) and type = 'service' order by 1`);
    expect(codes(far.nodes).sort()).toEqual(reached.map((row) => row.code));
    expect(Math.max(...far.nodes.map((node) => node.depth))).toBeGreaterThan(1);
    expect(far.truncated).toBe(false);
    const stopped = await call('graph.expand', {
      ci_id: 'catalog-db',
      direction: 'in',
      depth: 10,
      node_types: 'none-such',
      limit: 1,
    });
    expect(stopped).toMatchObject({ nodes: [], truncated: true });
  });

  it('path finds the shortest ways, and none where there is none', async () => {
    const path = await call('graph.path', { from: 'storefront', to: 'payments-db' });
    expect(path).toMatchObject({ found: true });
    const [row] = await truth(sql<{ length: number }>`
      with recursive walk(id, length) as (
        select id, 0 from items where tenant = ${TENANT} and code = 'storefront'
        union
        select case when r.from_id = w.id then r.to_id else r.from_id end, w.length + 1
        from walk w join relations r on r.tenant = ${TENANT} and w.id in (r.from_id, r.to_id) where w.length < 6
      ) select min(w.length)::int as length from walk w join items i on i.tenant = ${TENANT} and i.id = w.id where i.code = 'payments-db'`);
    expect(path.length).toBe(row?.length);
    for (const { nodes, edges } of path.paths) {
      expect(nodes.at(0)?.code).toBe('storefront');
      expect(nodes.at(-1)?.code).toBe('payments-db');
      expect(edges).toHaveLength(row?.length ?? 0);
    }
    expect(
      await call('graph.path', { from: 'payments-db', to: 'storefront', direction: 'out' }),
    ).toMatchObject({ found: false, length: null, paths: [] });
    expect(await call('graph.path', { from: 'cart', to: 'cart' })).toMatchObject({ found: true, length: 0 });
    await expect(call('graph.expand', { ci_id: 'secret-db' })).rejects.toMatchObject({
      code: 'invalid_args',
    });
  });

  it('goes round cycles once', async () => {
    await loadInventory(
      database.db,
      { tenant: 'ring', source: 'own', sample: false, now: NOW },
      async (load) => {
        await load.items(['a', 'b', 'c'].map((code) => InventoryItem.parse({ code, type: 'service' })));
        await load.relations(
          [
            ['a', 'b'],
            ['b', 'c'],
            ['c', 'a'],
          ].map(([from, to]) => ({ from: from as string, relation: 'calls', to: to as string })),
        );
      },
    );
    const at = { now: NOW, tenant: 'ring' };
    expect(
      codes((await call('graph.expand', { ci_id: 'a', direction: 'out', depth: 10 }, at)).nodes),
    ).toEqual(['b', 'c']);
    expect((await call('graph.path', { from: 'a', to: 'c', direction: 'out' }, at)).length).toBe(2);
  });
});

describe('history and rules', () => {
  it('event_log tells what changed before an incident', async () => {
    const { events } = await call('history.event_log', { ci_ids: 'orders-db', event_types: ['incidents'] });
    const [incident] = events;
    expect(incident).toMatchObject({ type: 'incident', item: { code: 'orders-db' } });
    const before = await call('history.event_log', {
      event_types: ['deployment', 'config change'],
      before: incident?.at ?? '',
      window_minutes: 120,
    });
    const rows = await truth(sql<{ id: string }>`
      select c.id from item_events c, item_events e, items i
      where c.tenant = ${TENANT} and e.tenant = ${TENANT} and i.tenant = ${TENANT} and e.item_id = i.id
        and i.code = 'orders-db' and e.type = 'incident' and c.type in ('deployment', 'config_change')
        and c.at <= e.at and c.at >= e.at - interval '2 hours' order by c.at desc`);
    expect(before.events.map((event) => event.id)).toEqual(rows.map((row) => row.id));
    expect(before.events).toEqual([
      expect.objectContaining({ message: expect.stringContaining('raised from 20 to 120') }),
    ]);
  });

  it('event_log filters by severity, words and time, and never shows another tenant', async () => {
    const bad = await call('history.event_log', { min_severity: 'error', range: 'all', limit: 1000 });
    const [row] = await truth(sql<{ n: number }>`
      select count(*)::int as n from item_events where tenant = ${TENANT} and severity in ('error', 'critical')`);
    expect(bad.total).toBe(row?.n);
    expect(JSON.stringify(bad)).not.toContain('rival');
    const words = await call('history.event_log', { text: 'Which templates?', order: 'asc' });
    expect(words.events.map((event) => event.item?.code)).toEqual([
      'notifications',
      'notifications',
      'notifications',
    ]);
    await expect(
      call('history.event_log', { range: 'today', before: NOW.toISOString() }),
    ).rejects.toMatchObject({ code: 'invalid_args' });
  });

  it('simulate tells when a rule on a metric would have fired', async () => {
    const rule = { metric: 'cpu_usage', above: 80, threshold: 3, window_minutes: 15, type: 'host' };
    const { items, fired, total_fired } = await call('cep.simulate', rule);
    // A window of 15 minutes holds the sample itself and the three before it.
    const rows = await truth(sql<{ code: string; first: Date }>`
      with hot as (
        select i.code, s.at, (select count(*) from metric_samples p where p.tenant = s.tenant and p.item_id = s.item_id
          and p.metric = s.metric and p.value > 80 and p.at between s.at - interval '15 minutes' and s.at) as n
        from metric_samples s join items i on i.tenant = s.tenant and i.id = s.item_id
        where s.tenant = ${TENANT} and i.type = 'host' and s.metric = 'cpu_usage' and s.value > 80
      ) select code, min(at) as first from hot where n >= 3 group by code order by 1`);
    expect(codes(items).sort()).toEqual(rows.map((row) => row.code));
    expect(codes(items)).toContain('host-08');
    const firstOf = (code: string) => fired.find((each) => each.item?.code === code)?.at;
    for (const { code, first } of rows) expect(firstOf(code)).toBe(first.toISOString());
    expect(total_fired).toBe(fired.length);
  });

  it('simulate counts events, for each item or over all, and rests after firing', async () => {
    const deployments = { event_types: 'deployment', window_minutes: 1440, threshold: 2 };
    const all = await call('cep.simulate', { ...deployments, group_by: 'all' });
    const each = await call('cep.simulate', deployments);
    const [row] = await truth(sql<{ n: number }>`
      select count(*)::int as n from item_events e where tenant = ${TENANT} and type = 'deployment'
        and exists (select 1 from item_events p where p.tenant = e.tenant and p.type = e.type and p.item_id = e.item_id
          and p.at < e.at and p.at >= e.at - interval '1 day')`);
    expect(each.total_fired).toBe(row?.n);
    expect(all.total_fired).toBeGreaterThan(0);
    const times = all.fired.map((firing) => Date.parse(firing.at));
    for (const [index, at] of times.entries())
      if (index > 0) expect(at - (times[index - 1] as number)).toBeGreaterThan(86_400_000);
    await expect(call('cep.simulate', { metric: 'cpu_usage' })).rejects.toMatchObject({
      code: 'invalid_args',
    });
    await expect(call('cep.simulate', { above: 3 })).rejects.toMatchObject({ code: 'invalid_args' });
  });

  it('treats hostile text as text', async () => {
    const nasty = `'; drop table items; -- %_\\ \0`;
    expect(
      (await call('ci.search', { query: nasty, owner: nasty, attributes: { [nasty]: nasty } })).total,
    ).toBe(0);
    expect((await call('ci.aggregate', { group_by: nasty, agg: 'sum', field: nasty })).total_items).toBe(31);
    expect((await call('history.event_log', { event_types: nasty, text: nasty })).total).toBe(0);
    await expect(call('graph.path', { from: nasty, to: nasty })).rejects.toMatchObject({
      code: 'invalid_args',
    });
    await expect(call('metric.series', { metric: nasty })).rejects.toMatchObject({ code: 'invalid_args' });
  });
});

it('counts named ranges from the newest data, and from now where that is earlier', async () => {
  const later = { now: new Date('2027-03-01T00:00:00Z'), tenant: TENANT };
  const anchored = await call('metric.aggregate', { metric: 'cpu_usage', range: 'last_24h' }, later);
  expect(anchored).toMatchObject({ to: '2026-11-20T10:00:00.000Z', anchored_at: '2026-11-20T10:00:00.000Z' });
  const earlier = { now: new Date('2026-11-18T12:00:00Z'), tenant: TENANT };
  const then = await call('metric.aggregate', { metric: 'cpu_usage', range: 'today' }, earlier);
  expect(then).toMatchObject({
    from: '2026-11-18T00:00:00.000Z',
    to: '2026-11-18T12:00:00.000Z',
    anchored_at: null,
  });
});
