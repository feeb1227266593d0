import { ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { detectIntents } from './intents.ts';
import { rankTools } from './rank.ts';

function tool(name: string, description: string, accuracy: number, complexity: string): ToolManifest {
  return ToolManifest.parse({
    name,
    description,
    input_schema: {},
    output_schema: {},
    effects: 'read',
    idempotent: true,
    timeout_ms: 1000,
    profile: { accuracy, complexity },
  });
}
const get = tool('ci.get', 'One configuration item by id', 0.99, 'very_low');
const search = tool('ci.search', 'Finds configuration items by keywords', 0.95, 'low');
const weather = tool('weather.today', 'Rain and sun', 1, 'very_low');

test('the score is the documented sum', () => {
  const [first] = rankTools({
    question: 'find the keywords',
    intents: ['search'],
    tools: [search],
    live: () => ({ est_ms: 1000, cached: true, load: 0.5, accuracy: 0.9 }),
  });
  expect(first?.score).toBeCloseTo(0.3 * 0.9 + 0.25 / 2 + 0.15 * 0.5 + 0.2 * 0.5 + 0.1, 10);
});

test('the score is capped at 1', () => {
  const [first] = rankTools({
    question: '',
    intents: ['lookup'],
    tools: [get],
    live: () => ({ accuracy: 2 }),
  });
  expect(first?.score).toBe(1);
});

test('only relevant tools are ranked, however good the others are', () => {
  const names = rankTools({ question: 'find db-01', intents: ['search'], tools: [weather, search, get] });
  expect(names.map((each) => each.tool.name)).toEqual(['ci.search']);
});

test.each([
  ['fastest', 'ci.get'],
  ['most_accurate', 'ci.get'],
  ['most_complete', 'ci.search'],
  ['least_load', 'ci.search'],
] as const)('%s puts %s first', (strategy, name) => {
  const ranked = rankTools({
    question: 'configuration items by keywords',
    intents: [],
    tools: [search, get],
    strategy,
    live: (each) => ({ load: each === 'ci.get' ? 0.9 : 0.1 }),
  });
  expect(ranked[0]?.tool.name).toBe(name);
});

test.each([
  ['what depends on orders-db and how loaded is it?', ['relationship', 'aggregate']],
  ['when would an alert have fired', ['analysis', 'history']],
  ['list databases', ['search']],
])('%s → %j', (question, intents) => {
  expect(detectIntents(question).slice(0, intents.length).sort()).toEqual([...intents].sort());
});
