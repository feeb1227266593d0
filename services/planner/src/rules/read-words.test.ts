import { InventoryCatalog } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { createLexicon } from './lexicon.ts';
import { readWords } from './read-words.ts';

const lexicon = createLexicon(
  InventoryCatalog.parse({
    source: 'fleet',
    items: [
      { id: '1', code: 'aurora', name: 'Aurora', type: 'vessel' },
      { id: '2', code: 'aurora-dock', name: 'Dock of Aurora', type: 'dry dock' },
    ],
    item_count: 2,
    types: [
      { name: 'vessel', count: 1 },
      { name: 'dry dock', count: 1 },
    ],
    relation_types: ['moored_at'],
    metrics: [{ name: 'engine_load', unit: '%', types: ['vessel'] }],
    event_types: ['hull_inspection'],
    attributes: { flag: ['malta', 'panama'], crew_count: ['12', '20'], status: ['repair'], owner: ['Aegir'] },
    time_range: null,
  }),
);

/** The words that say something, as their kinds and what they stand for. */
const read = (text: string) =>
  readWords(text, lexicon).flatMap(({ meaning }) => {
    const { kind, ...rest } = meaning;
    return kind === 'filler' ? [] : [rest && Object.keys(rest).length > 0 ? { kind, ...rest } : kind];
  });

test.each([
  ['above 80 %', [{ kind: 'bound', side: 'above', number: 80, inclusive: false, unit: '%' }]],
  ['at least 1,000 ms', [{ kind: 'bound', side: 'above', number: 1000, inclusive: true, unit: 'ms' }]],
  ['less than 5 percent', [{ kind: 'bound', side: 'below', number: 5, inclusive: false, unit: '%' }]],
  ['over 200ms', [{ kind: 'bound', side: 'above', number: 200, inclusive: false, unit: 'ms' }]],
])('%s is a bound', (text, words) => {
  expect(read(text)).toEqual(words);
});

test('an adjective is what it measures, and how much of it', () => {
  const load = { kind: 'metric', metrics: ['engine_load'], general: false };
  expect(read('busy')).toEqual([load]);
  expect(read('busiest')).toEqual(['high', load]);
  expect(read('busier than 50 %')).toMatchObject([load, { kind: 'bound', side: 'above', number: 50 }]);
});

test('names are known in plural, split, in parts, and by what people call them', () => {
  const type = { kind: 'type', type: 'dry dock' };
  for (const text of ['dry docks', 'Dry Dock', 'docks']) expect(read(text)).toEqual([type]);
  expect(read('hull inspections')).toEqual([{ kind: 'event', types: ['hull_inspection'] }]);
  expect(read('teams')).toEqual([{ kind: 'field', field: 'owner' }]);
});

test('neighbours that mean something only together', () => {
  const [aurora, dock] = lexicon.catalog.items;
  expect(read('the aurora vessel')).toEqual([{ kind: 'item', item: aurora }]);
  expect(read('the aurora dry dock')).toEqual([{ kind: 'item', item: dock }]);
  expect(read('crew count 12')).toEqual([{ kind: 'attribute', field: 'crew_count', value: '12' }]);
  expect(read('vessels by flag')).toEqual([
    { kind: 'type', type: 'vessel' },
    { kind: 'group', field: 'flag' },
  ]);
  expect(read('vessels in repair')).toContainEqual({ kind: 'value', field: 'status', value: 'repair' });
});

test.each([
  ['not from malta', { kind: 'except', field: 'flag', value: 'malta' }],
  ['not owned by Aegir', { kind: 'except', field: 'owner', value: 'Aegir' }],
  ['not flag malta', { kind: 'except', field: 'flag', value: 'malta' }],
  ['without an owner', { kind: 'except', field: 'owner' }],
  ['all but aurora', { kind: 'except', field: 'code', value: 'aurora' }],
])('%s is left out', (text, left) => {
  expect(read(text).filter((word) => word !== 'owns')).toEqual([left]);
});

test('what no goal reads stays in the way of all', () => {
  expect(read('vessels with dry docks')).toContain('apart');
  expect(read('vessels and dry docks')).not.toContain('apart');
  expect(read('malta or panama')).toContain('apart');
  expect(read('engine load over 50 % and under 70 %')).toContain('apart');
  expect(read('not loaded')).toContain('not');
  expect(read('vessels by captain')).toEqual([{ kind: 'type', type: 'vessel' }, 'each', 'unknown']);
});
