import { InventoryEvent, InventoryItem } from '@planyard/contracts';
import { loadInventory } from '@planyard/store';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { codes, NOW, TENANT, useOpsInventory } from '../testing/ops-inventory.ts';
import { simulate, tool } from './cep/simulate.ts';

// Each truth is stated by SQL of its own, which shares nothing with the tools.

const { call, truth, db } = await useOpsInventory();

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
    await loadInventory(db(), { tenant: 'ring', source: 'own', sample: false, now: NOW }, async (load) => {
      await load.items(['a', 'b', 'c'].map((code) => InventoryItem.parse({ code, type: 'service' })));
      await load.relations(
        [
          ['a', 'b'],
          ['b', 'c'],
          ['c', 'a'],
        ].map(([from, to]) => ({ from: from as string, relation: 'calls', to: to as string })),
      );
    });
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

  it('event_log leaves out the event that others are looked for beside, and no other of its moment', async () => {
    const at = '2026-11-20T08:00:00.000Z';
    await loadInventory(db(), { tenant: 'jam', source: 'own', sample: false, now: NOW }, async (load) => {
      await load.items([InventoryItem.parse({ code: 'press', type: 'machine' })]);
      await load.events(
        ['jam', 'stop'].map((type) => InventoryEvent.parse({ code: 'press', type, at, message: type })),
      );
    });
    const of = { now: NOW, tenant: 'jam' };
    const { events } = await call('history.event_log', { event_types: 'jam', range: 'all' }, of);
    for (const side of ['before', 'after']) {
      const beside = { [side]: at, except_events: events[0]?.id ?? '' };
      const told = await call('history.event_log', beside, of);
      expect(told.events.map((event) => event.type)).toEqual(['stop']);
      expect(told.total).toBe(1);
    }
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
    // A version is one word, not its digits.
    const version = await call('history.event_log', { text: '4.11.3', range: 'all' });
    expect(version.events).toEqual([expect.objectContaining({ message: 'Rolled checkout back to 4.11.3' })]);
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

  it('simulate says up to when it looked where there is more than it looks at', async () => {
    const rule = tool.input.parse({ metric: 'cpu_usage', above: 0, type: 'host', window_minutes: 4 });
    const store = { db: db(), tenant: TENANT, now: NOW };
    const [first] = await truth(sql<{ at: Date }>`
      select min(s.at) as at from metric_samples s join items i on i.tenant = s.tenant and i.id = s.item_id
      where s.tenant = ${TENANT} and s.metric = 'cpu_usage' and i.type = 'host'
        and s.at > '2026-11-13T10:00:00Z' and s.at <= '2026-11-20T10:00:00Z'`);
    // Of 25 samples the last five are of a moment that has ten.
    const cut = await simulate(rule, store, 25);
    const end = (first?.at.getTime() ?? 0) + 10 * 60_000;
    expect(cut).toMatchObject({ truncated: true, to: new Date(end - 1).toISOString(), total_fired: 20 });
    const whole = await simulate(rule, store);
    expect(whole).toMatchObject({ truncated: false, to: '2026-11-20T10:00:00.000Z' });
    expect(whole.total_fired).toBeGreaterThan(20);
  });

  it('simulate refuses what is of events alone beside a metric', async () => {
    const filters = { severity: 'error', min_severity: 'error', event_types: 'alert', text: 'full' };
    for (const [name, value] of Object.entries(filters))
      await expect(
        call('cep.simulate', { metric: 'cpu_usage', above: 80, [name]: value }),
      ).rejects.toMatchObject({ code: 'invalid_args', errors: [{ path: `args.${name}` }] });
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
