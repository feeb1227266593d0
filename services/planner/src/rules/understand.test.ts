import { InventoryCatalog, type ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { refusalOf, understand } from './understand.ts';

type Metric = InventoryCatalog['metrics'][number];

const TOOLS = ['metric.aggregate', 'metric.series', 'ci.search', 'ci.aggregate', 'ci.get'];

function understoodOf(question: string, metrics: (string | Partial<Metric>)[]) {
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
  const tools = TOOLS.map((name) => ({ name })) as ToolManifest[];
  return understand(question, catalog, tools, { selector: false, now: new Date(0) });
}

function asked(question: string, metrics: (string | Partial<Metric>)[]) {
  return understoodOf(question, metrics).steps[0]?.args;
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

test('the course of a figure is told where it is asked for, not its average', () => {
  expect(asked('Show the speed of aurora over time in the past 5 days', ['speed'])).toEqual({
    ci_ids: ['aurora'],
    metric: 'speed',
    range: 'last_5d',
  });
});

test.each([
  ['the fastest vessels and the slowest', '"fastest"'],
  ['speed of aurora higher than yesterday', '"higher than"'],
  ['vessels with a speed above 9 and below 30', '"below 30"'],
  ['second fastest vessel', '"second"'],
  ['how many vessels are fast?', '"how many"'],
  ['speed and load of the fastest vessel', '"speed"'],
  ['top vessels', '"top"'],
  ['the speed of the captain', '"captain"'],
])('%s: a word that the plan would not use is named', (question, word) => {
  const { steps, not_understood } = understoodOf(question, ['speed', 'load']);
  expect(steps).toEqual([]);
  expect(not_understood[0]).toContain(word);
});

test.each([
  ['the highest speed of any vessel', 'max'],
  ['lowest speed', 'min'],
  ['which vessel has the highest speed?', 'max'],
  ['which vessel has the most speed?', 'avg'],
])('%s is told by its %s', (question, agg) => {
  expect(asked(question, ['speed'])).toMatchObject({ agg });
});

test('a further clause that names nothing is of what was told before, or refused', () => {
  const { steps } = understoodOf('list vessels, and how fast are they?', ['speed']);
  expect(steps[1]?.args).toMatchObject({ type: ['vessel'], metric: 'speed' });
  const owned = understoodOf('how fast is aurora and who owns it?', ['speed']).steps[1];
  expect(owned).toMatchObject({ tool: 'ci.get', args: { id: 'aurora' } });
  const { not_understood } = understoodOf('list vessels, and how many are there?', ['speed']);
  expect(not_understood).toHaveLength(1);
});

test('a refusal names questions that this inventory can answer', () => {
  const catalog = InventoryCatalog.parse({
    source: 'ships',
    items: [{ id: '1', code: 'aurora', name: 'Aurora', type: 'cargo vessel' }],
    item_count: 1,
    types: [{ name: 'cargo vessel', count: 1 }],
    relation_types: ['moored_at'],
    metrics: [{ name: 'engine_load' }],
    event_types: ['hull_outage'],
    attributes: { owner: ['Aegir'] },
    time_range: null,
  });
  const tools = [...TOOLS, 'graph.expand', 'history.event_log'].map((name) => ({ name })) as ToolManifest[];
  const refusal = refusalOf({ steps: [], not_understood: ['so it is'] }, catalog);
  const examples = [...(refusal.split('Examples: ')[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, text]) => text);
  expect(examples).toHaveLength(5);
  for (const example of examples) {
    const { steps, not_understood } = understand(`${example}`, catalog, tools, {
      selector: false,
      now: new Date(0),
    });
    expect(not_understood, example).toEqual([]);
    expect(steps.length).toBeGreaterThan(0);
  }
});
