import { jsonReply, type SeenRequest, textReply } from '@planyard/llm/testing';
import type { Executor } from '@planyard/store';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';
import { openWorld, type World } from './support/world.ts';

/* What is kept of earlier runs helps a run; where it cannot be had, the run goes on without. */

let server: ScriptedModel;
let world: World;

const embeddings = ({ path }: SeenRequest) => path.endsWith('/embeddings');
/** Tools are embedded too, in the background, and tried again. */
const embeds = (text: string) => (request: SeenRequest) =>
  embeddings(request) && [request.body.input].flat().includes(text);
const vector = jsonReply({
  object: 'list',
  model: 'text-embedding-3-small',
  data: [{ object: 'embedding', index: 0, embedding: [1, 0] }],
  usage: { prompt_tokens: 3, total_tokens: 3 },
});

beforeAll(async () => {
  server = await startScriptedModel({}, [
    { when: embeddings, replies: [vector] },
    { when: 'You plan how to answer', replies: [textReply('{"intent":"x","steps":[],"answer":"Fine."}')] },
  ]);
  world = await openWorld({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    planner: {
      ...server.env,
      PLANYARD_EMBEDDING_MODEL: 'openai/text-embedding-3-small',
    },
  });
});
afterAll(async () => {
  await world?.close();
  await server?.close();
});

/** Works while a table has another name. */
async function without(db: Executor, table: string, work: () => Promise<void>): Promise<void> {
  await sql`alter table ${sql.table(table)} rename to gone`.execute(db);
  try {
    await work();
  } finally {
    await sql`alter table gone rename to ${sql.table(table)}`.execute(db);
  }
}

const warnings = () =>
  world
    .logged()
    .map(({ run_id, message }) => [run_id, message])
    .filter(([, message]) => String(message).includes('goes on without'));

test('kept plans that cannot be read, the same or similar ones, are done without', async () => {
  await without(world.db, 'plans', async () => {
    const run = await world.ask({ question: 'is all well?', agent: 'ops' });
    expect(run.outcome).toMatchObject({ status: 'completed', answer: 'Fine.' });
  });
  const told = [expect.stringMatching(/^run_/), 'kept plans could not be read: the run goes on without'];
  expect(warnings()).toEqual([told, told]);
  expect(server.requests.filter(embeds('is all well?'))).toHaveLength(1);
});

test('a conversation that cannot be read is done without, and its question is not taken for one by itself', async () => {
  server.requests.length = 0;
  await without(world.db, 'conversations', async () => {
    const run = await world.ask({ question: 'and now?', agent: 'ops', conversation_id: 'conv_1' });
    expect(run.outcome).toMatchObject({ status: 'completed', answer: 'Fine.' });
  });
  expect(warnings()).toContainEqual([
    expect.stringMatching(/^run_/),
    'the conversation could not be read: the run goes on without',
  ]);
  // No plan is looked for, nor kept: what the question goes on with is not known.
  expect(server.requests.filter(embeds('and now?'))).toEqual([]);
});
