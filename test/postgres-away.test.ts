import type { RunEvent } from '@planyard/contracts';
import { openWay, type Way } from '@planyard/gateway/testing';
import { type ModelServer, startModelServer, textReply } from '@planyard/llm/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type House, openHouse } from './support/house.ts';

let server: ModelServer;
let house: House;
let way: Way;

beforeAll(async () => {
  server = await startModelServer([
    { when: 'You answer a question', replies: [textReply('It waited [1.after].')] },
    {
      when: 'is it large?',
      replies: [
        textReply(
          JSON.stringify({
            intent: 'read',
            steps: [
              { id: 'large', tool: 'yard.text', args: { bytes: 100_000 } },
              { id: 'wait', tool: 'yard.wait', args: { ms: 1_000 }, after: ['large'] },
              { id: 'after', tool: 'yard.text', args: { bytes: 5 }, after: ['wait'] },
            ],
          }),
        ),
      ],
    },
    {
      when: /./,
      replies: [
        textReply(
          JSON.stringify({
            intent: 'wait',
            steps: [
              { id: 'wait', tool: 'yard.wait', args: { ms: 1_000 } },
              { id: 'after', tool: 'yard.text', args: { bytes: 5, forget: { $from: 'wait' } } },
            ],
          }),
        ),
      ],
    },
  ]);
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    toolsDirectory: new URL('./support/tools/', import.meta.url),
    env: {
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-story',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
    },
    wayToDatabase: async (url) => {
      way = await openWay(url);
      return way.url;
    },
  });
});
afterAll(async () => {
  await house?.close();
  way?.cut();
  await server?.close();
});

test('without Postgres nothing is accepted, what runs goes on, and its end is told when it is archived', async () => {
  const { id } = await house.client.runs.create({ question: 'does it wait?' });
  const told: RunEvent['type'][] = [];
  const has = async (type: RunEvent['type']) => {
    await expect.poll(() => told.includes(type)).toBe(true);
  };
  const following = (async () => {
    for await (const event of house.client.runs.events(id)) told.push(event.type);
  })();
  await has('step.started');
  way.cut();

  expect(await house.request('POST', '/v1/runs', { question: 'another?' })).toMatchObject({
    status: 503,
    json: { code: 'unavailable', detail: 'Postgres is not to be reached' },
  });
  expect(await house.request('GET', `/v1/runs/${id}`)).toMatchObject({
    status: 503,
    json: { code: 'unavailable' },
  });
  expect(await house.request('GET', '/readyz')).toMatchObject({
    status: 503,
    json: {
      checks: expect.arrayContaining([
        { name: 'redis', ok: true },
        { name: 'postgres', ok: false },
      ]),
    },
  });
  await has('answer.completed');
  expect(told.filter((type) => type === 'step.completed')).toHaveLength(2);
  expect(told).not.toContain('run.completed');

  await way.mend();
  await following;
  expect(told.at(-1)).toBe('run.completed');
  expect(await house.client.runs.get(id)).toMatchObject({
    status: 'completed',
    answer: 'It waited [1.after].',
  });
});

test('a run whose answer needs a result that lies in Postgres waits for it', async () => {
  const { id } = await house.client.runs.create({ question: 'is it large?' });
  const joins = () => house.log().split('phase failed').length - 1;
  const before = joins();
  for await (const { type, data } of house.client.runs.events(id)) {
    if (type === 'step.started' && data.step === '1.wait') {
      way.cut();
      await expect.poll(joins).toBeGreaterThan(before + 3);
      await way.mend();
    }
  }
  expect(await house.client.runs.get(id)).toMatchObject({
    status: 'completed',
    answer: 'It waited [1.after].',
  });
  expect(server.requests.at(-1)?.prompt).toContain('x'.repeat(100));
});
