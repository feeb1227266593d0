import { expect, test } from 'vitest';
import { createVocabulary } from './vocabulary.ts';

const vocabulary = createVocabulary([
  'administr',
  'invoic',
  'invit',
  'user',
  'repo',
  'repositori',
  'pod',
  'p95',
]);
const formsOf = (stem: string) => vocabulary.formsOf(stem).map(([form]) => form);

test.each([
  ['admin', ['administr']],
  ['repositori', ['repo']],
  ['repo', ['repositori']],
  // Too short, or a number's name.
  ['pod', []],
  ['p95', []],
  // One letter left out, put in, changed, swapped.
  ['invoc', ['invoic']],
  ['invoiic', ['invoic']],
  ['invoix', ['invoic']],
  ['invioc', ['invoic']],
  // In a short word a slip makes another word, and a known word is no slip.
  ['usar', []],
  ['invit', []],
  ['nothing', []],
])('%s → %j', (stem, forms) => {
  expect(formsOf(stem)).toEqual(forms);
});

test('a beginning that many words share stands for none of them', () => {
  const many = createVocabulary(Array.from({ length: 9 }, (_, at) => `inter${'abcdefghi'[at]}xyz`));
  expect(many.formsOf('inter')).toEqual([]);
});
