import { expect, test } from 'vitest';
import { type Picture, pictureTokens } from './picture-tokens.ts';

const of = (width: number, height: number, detail: Picture['detail'] = 'auto'): Picture[] => [
  { size: { width, height }, detail },
];

test.each([
  // OpenAI's guide has these as its examples.
  ['gpt-4o', of(1_024, 1_024), 765],
  ['gpt-4o', of(2_048, 4_096), 1_105],
  ['gpt-4o', of(4_096, 8_192, 'low'), 85],
  ['gpt-5', of(1_024, 1_024), 630],
  ['gpt-4.1-mini', of(1_024, 1_024), Math.ceil(1_024 * 1.62)],
  ['gpt-5-mini', of(1_800, 2_400), Math.ceil(1_536 * 1.62)],
  ['gpt-5.5', of(1_024, 1_024), 1_229],
  ['gpt-5.5', of(3_840, 2_160), 9_792],
  // As many patches as were measured.
  ['claude-sonnet-5-5', of(1_024, 1_024), 1_369],
  ['claude-opus-4-8', of(1_920, 1_080), 2_691],
  ['claude-haiku-4-5-20251001', of(1_920, 1_080), 1_600],
  ['eu.anthropic.claude-sonnet-4-20250514-v1:0', of(200, 200), 64],
  ['anthropic/claude-sonnet-4.5', of(4_000, 3_000), 1_600],
  ['google/gemini-2.5-pro', of(1_024, 1_024), 1_120],
  ['llama-4', of(1_024, 1_024), 1_500],
  ['gpt-4o', [{ size: null, detail: 'auto' } as const], 1_500],
])('%s counts a picture as its provider does', (model, pictures, tokens) => {
  expect(pictureTokens(pictures, [model])).toBe(tokens);
});

test('of several models the dearest counts; without one each picture counts the same', () => {
  const pictures = of(1_024, 1_024);
  expect(pictureTokens(pictures, ['gpt-4o', 'gpt-4o-mini', 'gpt-5'])).toBe(2_833 + 4 * 5_667);
  expect(pictureTokens([...pictures, ...pictures], [])).toBe(3_000);
  expect(pictureTokens([], ['gpt-4o'])).toBe(0);
});
