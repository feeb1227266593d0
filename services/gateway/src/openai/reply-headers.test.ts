import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorReply, streamReply, textReply } from '@planyard/llm/testing';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { completionReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';

let door: ModelDoor;
let directory: string;
let client: OpenAI;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  const PLANYARD_CONFIG = join(directory, 'planyard.yaml');
  await writeFile(
    PLANYARD_CONFIG,
    `routes: { both: [openai/gone, openai/gpt-5-mini] }
limits: [{ per: user, requests_per_minute: 50, tokens_per_minute: 100000 }]`,
  );
  door = await openModelDoor(inject('redisUrl'), { PLANYARD_CONFIG });
  client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
});
afterAll(async () => {
  await door?.close();
  await rm(directory, { recursive: true });
});

const asked = { model: 'both', messages: [{ role: 'user' as const, content: 'hello' }] };

it('a model that failed is not said to have answered', async () => {
  door.play(errorReply(404, 'no such model'), completionReply({ content: 'ok' }));
  const whole = await client.chat.completions.create(asked).withResponse();
  expect(whole.response.headers.get('x-planyard-model')).toBe('openai/gpt-5-mini');
  door.play(errorReply(404, 'no such model'), textReply('ok'));
  const streamed = await client.chat.completions.create({ ...asked, stream: true }).withResponse();
  await Array.fromAsync(streamed.data);
  expect(streamed.response.headers.get('x-planyard-model')).toBeNull();
});

it('the limits of the caller stand there in OpenAI’s names', async () => {
  door.play(completionReply({ content: 'ok' }));
  const { response } = await client.chat.completions.create(asked).withResponse();
  expect(response.headers.get('x-ratelimit-limit-requests')).toBe('50');
  expect(Number(response.headers.get('x-ratelimit-remaining-requests'))).toBeLessThan(50);
  expect(response.headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+s$/);
  expect(response.headers.get('x-ratelimit-limit-tokens')).toBe('100000');
  expect(Number(response.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(100_000);
});

it('the time that a header gives a call ends it', async () => {
  door.play(streamReply(['stall']));
  const slow = client.chat.completions.create(asked, { headers: { 'x-planyard-timeout-ms': '300' } });
  await expect(slow).rejects.toMatchObject({ status: 504, code: 'timeout' });
});
