import type { Json } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { query, queryBudget } from './query.ts';

const WIDE: Json = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`key-${at}`, at]));
const VALUE: Json = {
  rows: Array.from({ length: 2_000 }, (_, id) => ({ id })),
  text: 'x'.repeat(1_000_000),
  blank: `${' '.repeat(1_000_000)}x`,
  wide: WIDE,
  one: { list: Array.from({ length: 100_000 }, (_, at) => at) },
  other: { list: Array.from({ length: 100_000 }, (_, at) => at) },
};
const padded = (char: string, size: number) => `pad_left('${char}', \`${size}\`, '${char}')`;
const doubled = Array(40).fill('[@,@]').join('|');

/** Each of these takes minutes, or all memory, where nothing ends it. */
test.each([
  ['replaces again and again', "replace('a', 'b', 'c', `400000000`)"],
  ['replaces by much', `replace(${padded('a', 1_000_000)}, 'a', ${padded('b', 1_000_000)})`],
  ['joins by much', `join(${padded('a', 400_000)}, split(${padded('b', 400_000)}, ''))`],
  ['finds from the end', `find_last(text, join('', [${padded('x', 500_000)}, 'y']))`],
  ['sorts a long text many times over', 'sort(map(&$.text, rows))'],
  ['sorts by a long text', 'sort_by(rows, &$.text)'],
  ['measures a long text for each', 'rows[*].length($.text)'],
  ['merges for each', 'rows[*].merge($.wide, $.wide) | length(@)'],
  ['asks for each whether there is anything', 'rows[?($.wide)]'],
  ['compares with all for each', 'rows[?$.one == $.other] | length([$.rows, $.rows[?$.one == $.other]])'],
  ['writes a list that holds itself many times over', `to_string(${doubled})`],
  ['compares lists that hold themselves many times over', `[${doubled}, ${doubled}] | [0] == [1]`],
])('a path that %s is refused', (_what, path) => {
  // A fraction of what a step has: a quick machine would come to an end.
  const budget = { ...queryBudget(), ms: 200 };
  expect(() => query(VALUE, path, budget)).toThrow(/^it takes too (much work|long) to evaluate$/);
});

test('blanks are taken from a text however many there are', () => {
  for (const path of ['trim(blank)', 'trim_left(blank)', "trim(blank, ' ')"])
    expect(query(VALUE, path)).toBe('x');
  expect(query(VALUE, 'length(trim_right(blank))')).toBe(1_000_001);
  const cases = {
    "trim(' \u0085 a b\n')": 'a b',
    "trim_left(' \ta ')": 'a ',
    "trim_right(' a \n ')": ' a',
    "trim('xx-a-x', 'x-')": 'a',
    "trim('a\nb--', '-')": 'a\nb',
    "trim('  ')": '',
    "trim(' a ', '')": 'a',
  };
  for (const [path, expected] of Object.entries(cases)) expect(query(null, path), path).toBe(expected);
});

test('comparisons are what they were', () => {
  const cases = {
    'one == other': true,
    'one != other': false,
    'rows == one': false,
    'rows[0].id < rows[1].id': true,
  };
  for (const [path, expected] of Object.entries(cases)) expect(query(VALUE, path), path).toBe(expected);
});
