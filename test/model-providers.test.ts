import {
  type ModelServer,
  piecesOf,
  type Said,
  startModelServer,
  streamed,
  WIRES,
} from '@planyard/llm/testing';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { hospital } from './questions/hospital.ts';
import { loadFixture } from './questions/inventory-fixture.ts';
import { openWorld, type World } from './support/world.ts';

/** How a user connects each of them; the protocol is that of its name. */
const SETTINGS = {
  anthropic: (origin: string) => ({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: origin }),
  bedrock: (origin: string) => ({ PLANYARD_BEDROCK_REGION: 'eu-west-1', PLANYARD_BEDROCK_ENDPOINT: origin }),
  ollama: (origin: string) => ({ OLLAMA_BASE_URL: origin }),
};
const says = (text: string): Said => ({
  text: text.split(/(?<=\s)/),
  finish: 'stop',
  usage: { input: 900, output: 40 },
});
const PLAN = {
  intent: 'find it',
  steps: [{ id: 'mri', tool: 'ci.get', args: { id: 'MRI-1' }, purpose: 'the scanner' }],
};

describe.each(Object.keys(SETTINGS) as (keyof typeof SETTINGS)[])('%s', (name) => {
  let server: ModelServer;
  let world: World;

  beforeAll(async () => {
    // Bedrock's credentials come from AWS's own chain.
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    server = await startModelServer([], ['embeds-only', 'the-model']);
    world = await openWorld({
      redisUrl: inject('redisUrl'),
      postgresUrl: inject('postgresUrl'),
      planner: SETTINGS[name](server.origin),
    });
    await loadFixture(world.db, 'default', hospital, new Date());
  });
  afterAll(async () => {
    await world?.close();
    await server?.close();
    vi.unstubAllEnvs();
  });

  test('plans, answers and is paid for by its own protocol, with the first of its models that can chat', async () => {
    const reply = (text: string) => [streamed(WIRES[name], says(text))];
    server.script([
      { when: 'You plan how to answer', replies: reply(JSON.stringify(PLAN)) },
      { when: 'You answer a question', replies: reply('The scanner MRI-1 is in service [mri].') },
    ]);
    const run = await world.ask({ question: 'What is MRI-1?' });
    expect(run.outcome).toMatchObject({ status: 'completed' });
    const calls = run.events.flatMap((event) => (event.type === 'model.called' ? [event.data] : []));
    expect(calls).toMatchObject([
      { purpose: 'plan', provider: name, model: 'the-model', status: 'ok', usage: { input_tokens: 900 } },
      { purpose: 'join', provider: name, model: 'the-model', status: 'ok', usage: { output_tokens: 40 } },
    ]);
    expect(run.steps).toMatchObject([{ id: '1.mri', status: 'completed' }]);
  });

  // Ollama's protocol marks nothing; how Bedrock's does is seen beside its messages.
  if (name === 'anthropic')
    test('plans begin with the same text, which is marked for its cache', async () => {
      const reply = (text: string) => [streamed(WIRES[name], says(text))];
      server.script([
        { when: 'You plan how to answer', replies: reply(JSON.stringify(PLAN)) },
        { when: 'You answer a question', replies: reply('Here [mri].') },
      ]);
      server.requests.length = 0;
      for (const question of ['What is MRI-1?', 'Is MRI-1 there by 2026-12-01?'])
        await world.ask({ question });
      const [first, second] = server.requests
        .filter(({ prompt }) => prompt.includes('You plan how to answer'))
        .map(({ body }) => body.system as { text: string; cache_control?: object }[]);
      expect(first?.[0]?.cache_control).toEqual({ type: 'ephemeral' });
      expect(second?.[0]).toEqual(first?.[0]);
      expect(second?.[1]?.text).toContain('Time now');
    });

  test('the first step is over before the last byte of the plan has left', async () => {
    const wards = { id: 'wards', tool: 'ci.list_preview', args: { type: 'ward' }, purpose: 'the wards' };
    const said = says(JSON.stringify({ ...PLAN, steps: [...PLAN.steps, wards] }, null, 1));
    const plan = [...WIRES[name].begin(said), ...WIRES[name].end(said)];
    const at = plan.findIndex(
      (piece) => (typeof piece === 'string' || Buffer.isBuffer(piece)) && piece.includes('wards'),
    );
    const over = Promise.withResolvers<void>();
    server.script([
      {
        when: 'You plan how to answer',
        replies: [piecesOf(WIRES[name], plan.toSpliced(at, 0, { until: over.promise }))],
      },
      { when: 'You answer a question', replies: [streamed(WIRES[name], says('There it is [mri].'))] },
    ]);
    const asked = world.ask({ question: 'What is MRI-1, and which wards are there?' });
    const statuses = async () => (await world.steps()).map(({ id, status }) => [id, status]);
    await expect.poll(statuses).toEqual([['1.mri', 'completed']]);
    over.resolve();
    const run = await asked;
    expect(run.steps).toMatchObject([
      { id: '1.mri', status: 'completed' },
      { id: '1.wards', status: 'completed' },
    ]);
  });
});
