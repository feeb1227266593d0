import { expect, test } from 'vitest';
import { countTokens } from './count-tokens.ts';

test('however many texts there are, others have their turn, and what is too long is not counted', async () => {
  const text = '放射線科のデータベース'.repeat(20_000);
  let turns = 0;
  let counting = true;
  const takeTurn = () => {
    turns += 1;
    if (counting) setImmediate(takeTurn);
  };
  setImmediate(takeTurn);
  const tokens = await countTokens(text, text, text);
  counting = false;
  expect(turns).toBeGreaterThan(10);
  const uncounted = 3 * text.length - 400_000;
  expect(tokens).toBeGreaterThan(uncounted / 3);
  // The first text is whole within what is counted.
  expect(tokens).toBeGreaterThan(await countTokens(text));
});

test('several texts are as many tokens as they have each', async () => {
  const texts = ['one two three', '', 'vier fünf'];
  const each = await Promise.all(texts.map((text) => countTokens(text)));
  expect(await countTokens(...texts)).toBe(each.reduce((sum, count) => sum + count, 0));
});
