import { expect, test } from 'vitest';
import { chatDemand } from '../policies/demand.ts';
import { picturesOf, textTokens, textTokensAtMost } from './request-tokens.ts';

test.each([
  ['plain', 'Which systems depend on the database, and who owns them?'],
  ['nothing', ''],
  ['no spaces', 'x'.repeat(5_000)],
  ['other scripts', '放射線科のデータベースに依存するシステム Ünïcödé 👩‍⚕️'.repeat(50)],
  ['half a character', '\ud83d \udc69 \u0000\u0007'.repeat(600)],
])('a request has at most the tokens that its bytes allow: %s', async (_name, text) => {
  const request = {
    messages: [
      { role: 'system' as const, content: text },
      {
        role: 'user' as const,
        content: [
          { type: 'text' as const, text },
          { type: 'image_url' as const, image_url: { url: 'https://x.y/z' } },
        ],
      },
    ],
    tools: [{ name: 'find', description: text, parameters: { type: 'object' } }],
  };
  expect(textTokensAtMost(request)).toBeGreaterThanOrEqual(await textTokens(request));
});

test('what a call may use depends on what its model makes of a picture', async () => {
  const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([0, 4, 0, 4]), Buffer.alloc(40)]);
  const url = `data:image/gif;base64,${gif.toString('base64')}`;
  const content = [{ type: 'image_url' as const, image_url: { url } }];
  const demand = chatDemand({}, () => ({ messages: [{ role: 'user', content }] }));
  const border = await textTokens({ messages: [{ role: 'user', content: '' }] });
  expect(await demand.input_tokens(['gpt-4o'])).toBe(border + 765);
  expect(await demand.input_tokens(['gpt-4o', 'claude-sonnet-5-5'])).toBe(border + 1_369);
  expect(demand.input_tokens_at_most(['llama'])).toBe(border + 1_500);
});

test('of very many pictures the first ones are looked at, and the others count as unknown', () => {
  const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([0, 4, 0, 4]), Buffer.alloc(40)]);
  const url = `data:image/gif;base64,${gif.toString('base64')}`;
  const content = Array.from({ length: 4_001 }, () => ({ type: 'image_url' as const, image_url: { url } }));
  const pictures = picturesOf({ messages: [{ role: 'user', content }] });
  expect(pictures).toHaveLength(4_001);
  expect(pictures[3_999]?.size).toEqual({ width: 1024, height: 1024 });
  expect(pictures[4_000]?.size).toBeNull();
});
