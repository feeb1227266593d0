import { piecesReply, textReply } from '@planyard/llm/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type House, openHouse } from './support/house.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';

const KEEPER = `
name: keeper
description: Keeps what was said.
current: '1'
versions: [{ id: '1', date: 2026-11-29, content: You are tested. }]
models: { plan: openai/gpt-5-nano }
`;

let server: ScriptedModel;
let house: House;

beforeAll(async () => {
  server = await startScriptedModel({ prompts: { 'agents/keeper.yaml': KEEPER } });
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    env: server.env,
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
  const question = `what then? ${'word '.repeat(3_990)}`;
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

test('the agent that takes the question sums up, with its own model; the run names the prompt that tells the summary', async () => {
  server.script([
    { when: SUMS, replies: [textReply('Words were counted.')] },
    { when: 'decide who answers the last message', replies: [textReply('{"agent":"keeper","answer":null}')] },
    { when: PLANS, replies: [textReply(answering('word '.repeat(4_000)))] },
  ]);
  const { id, conversation_id } = await house.client.agents.chat('keeper', { message: 'first question' });
  await house.client.runs.wait(id);
  const ask = async (question: string) => {
    const begun = await house.client.runs.create({ question, conversation_id: conversation_id ?? '' });
    return await house.client.runs.wait(begun.id);
  };
  await ask('second question');
  server.requests.length = 0;
  const third = await ask('third question');
  expect(third).toMatchObject({ status: 'completed', agent: 'keeper' });
  const [routing, summing, planning] = server.requests;
  expect(server.requests.map(({ body }) => body.model)).toEqual(['gpt-5-mini', 'gpt-5-nano', 'gpt-5-nano']);
  // Before there is an agent nothing is summed up: the supervisor decides by the newest turns.
  expect(routing?.prompt).toContain('second question');
  expect(routing?.prompt).not.toContain('first question');
  expect(summing?.prompt).toContain('first question');
  expect(planning?.prompt).toContain('Words were counted.');
  expect(third.prompts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['supervisor', 'summary', 'plan', 'agents/keeper', 'summary-so-far']),
  );
});

test('of an answer too long for one call its beginning is summed up', async () => {
  server.script([
    { when: SUMS, replies: [textReply('Words were counted.')] },
    { when: PLANS, replies: [textReply(answering(`Forty-two ${'word '.repeat(14_000)}`))] },
  ]);
  const { id, conversation_id } = await house.client.agents.chat('ops', { message: 'how many?' });
  await house.client.runs.wait(id);
  server.requests.length = 0;
  const asked = { question: 'and now?', agent: 'ops', conversation_id: conversation_id ?? '' };
  await house.client.runs.wait((await house.client.runs.create(asked)).id);
  expect(server.requests[0]?.prompt).toMatch(/Sum up this conversation.*how many\?.*Forty-two word/s);
});

test('a summary that cannot be kept serves the run that made it, and a later one sums up again', async () => {
  server.script([
    { when: SUMS, replies: [textReply('Words were counted.')] },
    { when: PLANS, replies: [textReply(answering('word '.repeat(4_000)))] },
  ]);
  const { id, conversation_id } = await house.client.agents.chat('ops', { message: 'one' });
  await house.client.runs.wait(id);
  const ask = async (question: string) => {
    const asked = { question, agent: 'ops', conversation_id: conversation_id ?? '' };
    return await house.client.runs.wait((await house.client.runs.create(asked)).id);
  };
  await ask('two');
  await sql`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'no room'; end $$`.execute(house.db);
  await sql`create trigger refused before update on conversations execute function refuse()`.execute(
    house.db,
  );
  expect(await ask('three')).toMatchObject({ status: 'completed' });
  expect(server.requests.at(-1)?.prompt).toContain('Words were counted.');
  expect(house.log()).toContain('the summary of the conversation could not be kept');
  await sql`drop trigger refused on conversations`.execute(house.db);
  expect(await house.client.conversations.get(conversation_id ?? '')).toMatchObject({ summary: null });
  await ask('four');
  expect(await house.client.conversations.get(conversation_id ?? '')).toMatchObject({
    summary: 'Words were counted.',
  });
});
