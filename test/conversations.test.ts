import { type ModelServer, piecesReply, startModelServer, textReply } from '@planyard/llm/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type House, openHouse } from './support/house.ts';

let server: ModelServer;
let house: House;

beforeAll(async () => {
  server = await startModelServer();
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    env: { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'sk-test', PLANYARD_MODEL: 'openai/gpt-5-mini' },
  });
});
afterAll(async () => {
  await house?.close();
  await server?.close();
});

const SUMS = 'Sum up this conversation';
const PLANS = 'You plan how to answer';
const answering = (answer: string) => JSON.stringify({ intent: 'x', steps: [], answer });

test('of the messages that a request gives, the newest are told, and the question whole', async () => {
  server.script([{ when: PLANS, replies: [textReply(answering('So it is.'))] }]);
  const long = 'word '.repeat(5_000);
  const messages = [1, 2, 3, 4].flatMap((nth) => [
    { role: 'user' as const, content: `question ${nth} ${long}` },
    { role: 'assistant' as const, content: `answer ${nth} ${long}` },
  ]);
  // With a space at its end that the question of the run is without: it is told once.
  const question = `what then? ${'word '.repeat(26_000)}`;
  const { id } = await house.client.runs.create({
    messages: [...messages, { role: 'user', content: question }],
    agent: 'ops',
  });
  expect(await house.client.runs.wait(id)).toMatchObject({ answer: 'So it is.' });
  const [, ...told] = (server.requests.at(-1)?.body.messages ?? []) as { role: string; content: string }[];
  expect(told.map(({ role, content }) => [role, content.split(' word')[0]])).toEqual([
    ['user', 'question 3'],
    ['assistant', 'answer 3'],
    ['user', 'question 4'],
    ['assistant', 'answer 4'],
    ['user', 'what then?'],
  ]);
  expect(told.at(-1)?.content).toBe(question);
});

test('an answer that comes after a later one was summed up is told to the runs that follow', async () => {
  let finish = () => {};
  const late = new Promise<void>((resolve) => {
    finish = resolve;
  });
  server.script([
    { when: SUMS, replies: [textReply('Words were counted.')] },
    { when: 'last question', replies: [textReply(answering('Done.'))] },
    // Later prompts hold the questions of earlier ones.
    { when: 'slow question', replies: [piecesReply([{ until: late }, answering('The slow answer.')])] },
    { when: 'long question', replies: [textReply(answering('word '.repeat(4_000)))] },
  ]);
  const begun = await house.client.agents.chat('ops', { message: 'long question 0' });
  const conversation_id = begun.conversation_id ?? '';
  const begin = (question: string) => house.client.runs.create({ question, agent: 'ops', conversation_id });
  const ask = async (question: string) => await house.client.runs.wait((await begin(question)).id);
  await house.client.runs.wait(begun.id);
  const { id: slow } = await begin('slow question');
  for (const nth of [1, 2]) await ask(`long question ${nth}`);
  expect(server.requests.some(({ prompt }) => prompt.includes(SUMS))).toBe(true);
  finish();
  await house.client.runs.wait(slow);
  await ask('last question');
  const told = server.requests.findLast(({ prompt }) => prompt.includes(PLANS))?.prompt;
  expect(told).toContain('Words were counted.');
  expect(told).toContain('The slow answer.');
});
