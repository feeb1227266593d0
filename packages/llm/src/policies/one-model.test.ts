import { expect, test } from 'vitest';
import { startModelServer, textReply } from '../testing/index.ts';
import { openModels } from '../testing/open-models.ts';

test('a secret that lies across the end of what a record holds does not get into it', async () => {
  const secret = 'sk-abcdefgh12345678';
  const server = await startModelServer([{ when: () => true, replies: [textReply(`the key is ${secret}`)] }]);
  const { text, models, calls } = openModels(
    { one: server },
    { audit: { content: true, content_chars: 20 } },
    { redact: (given) => given.replaceAll(secret, '[redacted]') },
  );
  try {
    await text('one/a');
    expect(calls[0]?.content?.output).toBe('the key is [redacted');
  } finally {
    models.close();
    await server.close();
  }
});

test('of a long text no more is looked through than a record may hold, and no end of a secret is left', async () => {
  const secret = `sk-${'abcdefgh'.repeat(20)}`;
  const told = `${secret} `.repeat(5_000);
  const server = await startModelServer([{ when: () => true, replies: [textReply(told)] }]);
  let longest = 0;
  const { text, models, calls } = openModels(
    { one: server },
    { audit: { content: true, content_chars: 2_000 } },
    {
      redact(given) {
        longest = Math.max(longest, given.length);
        return given.replaceAll(secret, '*');
      },
    },
  );
  try {
    await text('one/a');
    expect(longest).toBeLessThan(10_000);
    expect(calls[0]?.content?.output).toMatch(/^\*[* ]*$/);
  } finally {
    models.close();
    await server.close();
  }
});
