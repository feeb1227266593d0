import { expect, test } from 'vitest';
import { requestTokens, requestTokensAtMost } from './request-tokens.ts';

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
  expect(requestTokensAtMost(request)).toBeGreaterThanOrEqual(await requestTokens(request));
});
