import { InventoryItem } from '@planyard/contracts';
import { loadInventory } from '@planyard/store';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { codes, NOW, TENANT, useOpsInventory, type Value } from '../testing/ops-inventory.ts';

// Each truth is stated by SQL of its own, which shares nothing with the tools.

const { tools, call, truth, db } = await useOpsInventory();

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

  it('leaves out items that have a value of a field, or any', async () => {
    const except = async (...except: Record<string, string>[]) =>
      codes((await call('ci.search', { type: 'service', except, limit: 100 })).items).sort();
    const services = async (condition: string) =>
      (
        await truth(sql<{ code: string }>`select code from items where tenant = ${TENANT}
        and type = 'service' and ${sql.raw(condition)} order by code`)
      ).map((row) => row.code);
    expect(await except({ field: 'owner', value: 'Team-Web' })).toEqual(
      await services(`owner is distinct from 'team-web'`),
    );
    expect(await except({ field: 'tier', value: '1' }, { field: 'code', value: 'stock' })).toEqual(
      await services(`attributes ->> 'tier' is distinct from '1' and code <> 'stock'`),
    );
    expect(await except({ field: 'zone' })).toEqual(await services('true'));
    expect(await except({ field: 'language' })).toEqual([]);
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
    expect(size.groups).toEqual([{ ...most, count: 5, with_value: 5 }]);
    expect(size.total_groups).toBe(2);
    const smallest = await call('ci.aggregate', {
      type: 'database',
      agg: 'max',
      field: 'size_gb',
      group_by: 'code',
      order: 'asc',
      top: 2,
    });
    const each = await truth(sql<{ key: string; value: number }>`
      select code as key, (attributes ->> 'size_gb')::float8 as value from items
      where tenant = ${TENANT} and type = 'database' order by 2, 1 limit 2`);
    expect(smallest.groups).toEqual(each.map((row) => ({ ...row, count: 1, with_value: 1 })));
    await expect(call('ci.aggregate', { agg: 'avg' })).rejects.toMatchObject({ code: 'invalid_args' });
    expect(await call('ci.aggregate', { type: 'unicorn' })).toMatchObject({ groups: [], total_items: 0 });
  });

  it('aggregate takes numbers however they are written, and says how many items have one', async () => {
    const rates = [
      0.3333333333333333,
      0.30000000000000004,
      1e-7,
      '2.5e1',
      '\t-4',
      // None of these is a number that can be averaged.
      '1e999',
      '1e-999',
      `${'9'.repeat(400)}`,
      '1.2.3',
      '\u20035',
      'NaN',
      ' ',
      null,
    ];
    await loadInventory(db(), { tenant: 'rates', source: 'own', sample: false, now: NOW }, (load) =>
      load.items(
        rates.map((rate, n) => InventoryItem.parse({ code: `r${n}`, type: 'line', attributes: { rate } })),
      ),
    );
    const at = { now: NOW, tenant: 'rates' };
    const found = async (agg: string) => {
      const { groups } = await call('ci.aggregate', { agg, field: 'rate' }, at);
      return groups;
    };
    const numbers = [1 / 3, 0.1 + 0.2, 1e-7, 25, -4];
    const sum = numbers.reduce((a, b) => a + b);
    const of = { key: 'all', count: rates.length, with_value: numbers.length };
    expect(await found('sum')).toEqual([{ ...of, value: expect.closeTo(sum, 9) }]);
    expect(await found('avg')).toEqual([{ ...of, value: expect.closeTo(sum / 5, 9) }]);
    expect(await found('min')).toEqual([{ ...of, value: -4 }]);
    expect((await call('ci.aggregate', {}, at)).groups).toEqual([{ ...of, value: 13, with_value: null }]);
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
