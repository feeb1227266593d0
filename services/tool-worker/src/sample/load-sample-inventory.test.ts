import { catalog } from '@planyard/store';
import { openTestDatabase, type TestDatabase } from '@planyard/store/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { loadSampleInventory } from './load-sample-inventory.ts';
import { sampleItems } from './sample-items.ts';
import { sampleMetrics } from './sample-metrics.ts';
import { seededRandom } from './seeded-random.ts';

const options = { tenant: 'default', now: new Date('2026-11-20T10:02:30.000Z'), seed: 7 };
let store: TestDatabase;
beforeAll(async () => {
  store = await openTestDatabase(inject('postgresUrl'));
});
afterAll(() => store.close());

it('loads a labelled inventory into an empty tenant only', async () => {
  expect(await loadSampleInventory(store.db, options)).toBe(true);
  expect(await loadSampleInventory(store.db, options)).toBe(false);

  const shown = await catalog(store.db, 'default');
  expect(shown).toMatchObject({ sample: true, item_count: 31 });
  expect(shown?.types).toContainEqual({ name: 'service', count: 12 });
  expect(shown?.time_range?.to).toBe('2026-11-20T10:00:00.000Z');

  const { rows } = await sql<{ samples: number; series: number; first: Date }>`
    select count(*)::int as samples, count(distinct (item_id, metric))::int as series, min(at) as first
    from metric_samples`.execute(store.db);
  // 7 days of 5 minutes.
  expect(rows[0]?.samples).toBe((rows[0]?.series ?? 0) * 2016);
  expect(rows[0]?.first.toISOString()).toBe('2026-11-13T10:05:00.000Z');
});

it('makes the same samples of the same seed', () => {
  const firstDay = (seed: number) =>
    sampleMetrics(sampleItems().slice(0, 1), options.now.getTime(), seededRandom(seed))
      .next()
      .value?.slice(0, 288);
  expect(firstDay(7)).toEqual(firstDay(7));
  expect(firstDay(7)).not.toEqual(firstDay(8));
});

it('holds incidents that show in the metrics, with a change shortly before', async () => {
  const { rows } = await sql<{ during: number; usual: number; changes: number }>`
    select
      (select avg(value) from metric_samples s join items i on i.tenant = s.tenant and i.id = s.item_id
        where i.tenant = 'default' and i.code = 'orders-db' and metric = 'connections'
          and s.at between e.at and e.at + interval '30 minutes') as during,
      (select percentile_cont(0.5) within group (order by value) from metric_samples s
        join items i on i.tenant = s.tenant and i.id = s.item_id
        where i.tenant = 'default' and i.code = 'orders-db' and metric = 'connections') as usual,
      (select count(*)::int from item_events c where c.tenant = 'default' and c.type = 'config_change'
          and c.at between e.at - interval '2 hours' and e.at) as changes
    from item_events e join items i on i.tenant = e.tenant and i.id = e.item_id
    where e.tenant = 'default' and e.type = 'incident' and i.code = 'orders-db'`.execute(store.db);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.during).toBeGreaterThan((rows[0]?.usual ?? 0) * 3);
  expect(rows[0]?.changes).toBe(1);
});

it('raises alerts about what the metrics show', async () => {
  const { rows } = await sql<{ message: string; limit: number; highest: number }>`
    with alerts as (
      select e.tenant, e.at, e.message, m[1] as metric, m[2] as code, m[3]::float8 as threshold
      from item_events e, regexp_match(e.message, '^(\\w+) of ([a-z0-9-]+) above ([0-9]+)') as m
      where e.tenant = 'default' and e.type = 'alert'
    )
    select a.message, a.threshold as limit, max(s.value) as highest
    from alerts a join items i on i.tenant = a.tenant and i.code = a.code
    join metric_samples s on s.tenant = a.tenant and s.item_id = i.id and s.metric = a.metric
      and s.at between a.at - interval '10 minutes' and a.at
    group by a.message, a.threshold`.execute(store.db);
  expect(rows).toHaveLength(5);
  for (const { message, limit, highest } of rows) expect(highest, message).toBeGreaterThan(limit);
});
