import { InventoryCatalog, type ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { understand } from './understand.ts';

type Metric = InventoryCatalog['metrics'][number];

function asked(question: string, metrics: (string | Partial<Metric>)[]) {
  const catalog = InventoryCatalog.parse({
    source: 'ships',
    items: [
      { id: '1', code: 'aurora', name: 'Aurora', type: 'vessel' },
      { id: '2', code: 'bridge', name: 'Bridge', type: 'vm' },
    ],
    item_count: 2,
    types: [
      { name: 'vessel', count: 1 },
      { name: 'vm', count: 1 },
    ],
    relation_types: [],
    metrics: metrics.map((metric) => (typeof metric === 'string' ? { name: metric } : metric)),
    event_types: [],
    attributes: {},
    time_range: null,
  });
  const tools = [{ name: 'metric.aggregate' }, { name: 'metric.series' }] as ToolManifest[];
  const [step] = understand(question, catalog, tools, { selector: false, now: new Date(0) }).steps;
  return step?.args;
}

test.each([
  ['Which vessel is the fastest?', { metric: 'speed_knots', order: 'desc' }],
  ['Which vessel is the slowest?', { metric: 'speed_knots', order: 'asc' }],
  ['Which vessel has the highest latency?', { metric: 'latency', order: 'desc' }],
])('%s of those with a speed', (question, args) => {
  expect(asked(question, ['latency', 'speed_knots'])).toMatchObject(args);
});

test('the fastest of those without a speed has the least latency', () => {
  expect(asked('Which vessel is the fastest?', ['latency'])).toMatchObject({
    metric: 'latency',
    order: 'asc',
  });
});

test('heat is a temperature where one is recorded', () => {
  expect(asked('Which vessel is the hottest?', ['cpu', 'engine_temperature'])).toMatchObject({
    metric: 'engine_temperature',
  });
});

test('items below a bound are asked for lowest first, so that none of them is beyond what the tool shows', () => {
  expect(asked('vessels with a speed below 10', ['speed'])).toMatchObject({ order: 'asc', top: 5000 });
  expect(asked('vessels with a speed above 9', ['speed'])).toMatchObject({ order: 'desc', top: 5000 });
  expect(asked('vessels with a speed above 9 and below 30', ['speed'])).toMatchObject({ order: 'desc' });
});

test('a word for several metrics means the one that items of the asked type have, in the unit of the bound', () => {
  const cpu = { name: 'cpu', unit: '%', types: ['vm'] };
  const backlog = { name: 'backlog', unit: 'messages', types: ['vessel'] };
  const disk = { name: 'disk_used', unit: '%', types: ['vessel'] };
  expect(asked('How busy is aurora?', [cpu, backlog])).toMatchObject({ metric: 'backlog' });
  expect(asked('How busy is bridge?', [cpu, backlog])).toMatchObject({ metric: 'cpu' });
  const full = asked('Which vessels are more than 85% full?', [cpu, backlog, disk]);
  expect(full).toMatchObject({ metric: 'disk_used' });
});

test('a type of two letters is known in the plural', () => {
  expect(asked('Rank the VMs by cpu', ['cpu'])).toMatchObject({ type: ['vm'], metric: 'cpu' });
});

test('whether a figure went up is told by its course, not by its average', () => {
  expect(asked('Did the speed of aurora go up over the past 5 days?', ['speed'])).toEqual({
    ci_ids: ['aurora'],
    metric: 'speed',
    range: 'last_5d',
  });
});
