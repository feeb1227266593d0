import { InventoryCatalog } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { figuresOf } from './figures-of.ts';
import { createLexicon } from './lexicon.ts';
import { scan } from './scan.ts';
import { sayPlainly } from './vocabulary.ts';

const nothing = { items: [], item_count: 0, types: [], relation_types: [], metrics: [], event_types: [] };
const lexicon = createLexicon(InventoryCatalog.parse({ source: 'empty', ...nothing, time_range: null }));

test.each([
  ['latency above 1,000 ms', { bounds: { above: 1000 }, unit: 'ms' }],
  ['queues with over 2k messages', { bounds: { above: 2000 } }],
  ['less than 3 thousand', { bounds: { below: 3000 } }],
  ['slower than 200ms', { bounds: { above: 200 }, unit: 'ms' }],
  ['more than five percent', { bounds: { above: 5 }, unit: null }],
  ['above 5 percent', { bounds: { above: 5 }, unit: '%' }],
  ['at least 16 cores', { bounds: { above: 16, inclusive: true }, rank: null }],
  ['8 cores or fewer', { bounds: { below: 8, inclusive: true } }],
  ['cpu above 80 and memory above 60', { bounds: { above: 80 } }],
])('%s', (question, asked) => {
  expect(figuresOf(scan(sayPlainly(question), lexicon).tokens, lexicon.units)).toMatchObject(asked);
});

test.each(['db-2k', 'release 1.5', '3 hosts, 400 users'])('%s is left as it is', (text) => {
  expect(sayPlainly(text)).toBe(text);
});
