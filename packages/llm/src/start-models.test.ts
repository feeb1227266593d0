import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { ReplyCache } from './policies/cache/reply-cache.ts';
import { startModels } from './start-models.ts';
import { errorReply, startModelServer } from './testing/index.ts';
import { OUTPUT_TEXTS } from './testing/output-texts.ts';

test('a breaker is a fault while it is open, not while it waits for a call to probe with', async () => {
  const server = await startModelServer([{ when: /./, replies: [errorReply(500, 'oops')] }]);
  const redis = new Redis(inject('redisUrl'));
  const directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  await writeFile(
    join(directory, 'planyard.yaml'),
    `providers: { own: { kind: openai_compatible, base_url: "${server.url}" } }
breaker: { min_calls: 1, reset_ms: 700 }
retries: { max_tries: 1 }
`,
  );
  const { models, check, close } = await startModels({
    env: {},
    directory,
    fetch,
    registry: new Registry(),
    log: { info: () => undefined, warn: () => undefined },
    redis,
    namespace: `t${randomUUID().slice(0, 8)}`,
    follow: () => ({ follow: async () => undefined, close: () => undefined }),
    cache: () => ({}) as ReplyCache,
    tracer: null,
    redact: (text) => text,
    texts: OUTPUT_TEXTS,
  });
  onTestFinished(async () => {
    close();
    redis.disconnect();
    await server.close();
    await rm(directory, { recursive: true });
  });
  const events = models.chat({
    model: 'own/scripted',
    request: { messages: [{ role: 'user', content: 'hello' }] },
    caller: null,
    purpose: 'chat',
    agent: null,
    request_id: 'req-1',
    prompt: null,
    signal: new AbortController().signal,
    deadline_at: null,
    cache: 'off',
    onCall: () => undefined,
  });
  await expect(Array.fromAsync(events)).rejects.toMatchObject({ kind: 'server' });
  await expect(check.check()).rejects.toThrow('own/scripted: its breaker is open');
  await expect.poll(() => models.breakerStates()['own/scripted']).toBe('half_open');
  await check.check();
});
