import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorReply, textReply } from '@planyard/llm/testing';
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
  await writeFile(PLANYARD_CONFIG, 'routes: { both: [openai/gone, openai/gpt-5-mini] }');
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
