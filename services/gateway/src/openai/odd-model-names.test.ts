import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { completionReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';
import { call } from '../testing/open-gateway.ts';

let door: ModelDoor;
beforeAll(async () => {
  door = await openModelDoor(inject('redisUrl'));
  door.play(completionReply({ content: 'ok' }));
});
afterAll(() => door?.close());

const ask = (path: string, body: unknown) => call(door.gateway, 'POST', path, { key: door.apiKey, body });
const messages = [{ role: 'user', content: 'x' }];

it('a model may be named in any letters; in a header they are percent-encoded', async () => {
  const { status, headers } = await ask('/v1/chat/completions', { model: 'openai/模型', messages });
  expect([status, headers.get('x-planyard-model')]).toEqual([200, 'openai/%E6%A8%A1%E5%9E%8B']);
});

it.each([
  ['/v1/chat/completions', { messages }],
  ['/v1/responses', { input: 'x' }],
  ['/v1/embeddings', { input: 'x' }],
])('%s refuses a name that neither logs nor Postgres can hold', async (path, body) => {
  for (const model of ['openai/a\0b', 'openai/a\r\nb', 'openai/\ud800']) {
    const { status, json } = await ask(path, { ...body, model });
    expect([status, json.error.param]).toEqual([400, 'model']);
  }
});
