import { InventoryCatalog, type ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { understand } from './understand.ts';

function asked(question: string, metrics: string[]) {
  const catalog = InventoryCatalog.parse({
    source: 'ships',
    items: [{ id: '1', code: 'aurora', name: 'Aurora', type: 'vessel' }],
    item_count: 1,
    types: [{ name: 'vessel', count: 1 }],
    relation_types: [],
    metrics: metrics.map((name) => ({ name })),
    event_types: [],
    attributes: {},
    time_range: null,
  });
  const tools = [{ name: 'metric.aggregate' } as ToolManifest];
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
