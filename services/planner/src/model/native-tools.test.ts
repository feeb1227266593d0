import { expect, test } from 'vitest';
import { toolNamed } from '../testing/tool-named.ts';
import { nativeTools } from './native-tools.ts';

test.each([
  ['a__b.c', 'a.b__c'],
  ['a_.b__c', 'a___b.c'],
  [`a.${'b'.repeat(60)}${'c'.repeat(4)}`, `a.${'b'.repeat(60)}${'d'.repeat(4)}`],
])('%s and %s have names of their own, which providers take', (...names) => {
  const { specs, toolOf } = nativeTools(names.map(toolNamed));
  expect(specs.map(({ name }) => toolOf(name)?.name)).toEqual(names);
  for (const { name } of specs) expect(name).toMatch(/^[\w-]{1,64}$/);
});

test('most tools keep their names, with __ for the dot', () => {
  expect(nativeTools([toolNamed('ci.list_preview')]).specs).toMatchObject([{ name: 'ci__list_preview' }]);
});
