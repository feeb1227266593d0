import type { RunEvent, RunResponse } from '@planyard/contracts';
import { type ModelServer, startModelServer, textReply } from '@planyard/llm/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type House, openHouse } from './support/house.ts';

let server: ModelServer;
let house: House;

const plan = {
  intent: 'order',
  steps: [
    { id: 'note', tool: 'yard.note', args: { text: 'fence' } },
    { id: 'order', tool: 'yard.order', args: { planks: 3 }, after: ['note'] },
    {
      id: 'told',
      tool: 'yard.note',
      args: { text: 'told', about: { $from: 'order', path: 'ordered' } },
    },
  ],
};

beforeAll(async () => {
  server = await startModelServer([
    { when: 'You answer a question', replies: [textReply('Ordered [1.order].')] },
    { when: /./, replies: [textReply(JSON.stringify(plan))] },
  ]);
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    toolsDirectory: new URL('./support/tools/', import.meta.url),
    env: {
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-story',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
      APPROVAL_EXPIRES_MS: '2000',
      RECONCILE_EVERY_MS: '200',
    },
  });
});
afterAll(async () => {
  await house?.close();
  await server?.close();
});

/** Asks, and does something once the step waits for a person. */
async function ask(
  whenAsked: (id: string, event: Extract<RunEvent, { type: 'step.awaiting_approval' }>) => Promise<void>,
): Promise<RunResponse> {
  const { id } = await house.client.runs.create({ question: 'order planks', options: { max_attempts: 1 } });
  for await (const event of house.client.runs.events(id))
    if (event.type === 'step.awaiting_approval') await whenAsked(id, event);
  return await house.client.runs.get(id);
}

test('a person sees what a step will do, changes its arguments, and the step does that', async () => {
  const run = await ask(async (id, event) => {
    expect(event.data).toMatchObject({
      step: '1.order',
      tool: 'yard.order',
      args: { planks: 3 },
      effects: 'write',
    });
    expect(await house.client.runs.step(id, '1.order')).toMatchObject({
      status: 'awaiting_approval',
      bound_args: { planks: 3 },
      approval: { effects: 'write', decision: null, by: null, at: null, edited: false },
    });
    const wrong = await house.client.runs
      .decide(id, '1.order', 'approve', { args: { planks: 1_000, wood: 'ash', nails: 3 } })
      .catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 'invalid_request', status: 400 });
    expect((wrong as { errors: { path: string }[] }).errors.map(({ path }) => path).sort()).toEqual([
      'args.nails',
      'args.planks',
      'args.wood',
    ]);
    const said = { args: { planks: 2, wood: 'pine' }, comment: 'pine will do' };
    await expect(
      house.client.runs.decide(id, '1.order', 'approve', { ...said, call: 'another' }),
    ).rejects.toMatchObject({ code: 'conflict', status: 409 });
    expect(
      await house.client.runs.decide(id, '1.order', 'approve', { ...said, call: event.data.call }),
    ).toMatchObject({
      bound_args: { planks: 2, wood: 'pine' },
      approval: { decision: 'approved', by: 'story', comment: 'pine will do', edited: true },
    });
  });
  expect(run).toMatchObject({ status: 'completed', answer: 'Ordered [1.order].' });
  // From the archive, and what depends on the step got what it did.
  expect(await house.client.runs.step(run.id, '1.order')).toMatchObject({
    status: 'completed',
    result: { ordered: '2 of pine' },
    bound_args: { planks: 2, wood: 'pine' },
    args: { planks: 3 },
    approval: { decision: 'approved', by: 'story', edited: true, at: expect.any(String) },
  });
  expect(await house.client.runs.step(run.id, '1.told')).toMatchObject({ result: { about: '2 of pine' } });
  const { data } = await house.client.runs.trace(run.id);
  expect(data.find(({ step }) => step === '1.order')).toMatchObject({
    input_params: { planks: 2, wood: 'pine' },
    metadata: { approval: { decision: 'approved', by: 'story', edited: true } },
  });
});

test('a step that a person rejects, and one that nobody decides about in time, fail and say so', async () => {
  const rejected = await ask(async (id) => {
    await house.client.runs.decide(id, '1.order', 'reject', { comment: 'too dear' });
    await expect(
      house.client.runs.decide(id, '1.order', 'approve', { args: { planks: 1 } }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/conflict|run_closed/),
    });
  });
  expect(rejected.status).toBe('partial');
  expect(await house.client.runs.step(rejected.id, '1.order')).toMatchObject({
    status: 'failed',
    error: { code: 'rejected', message: 'Rejected: too dear' },
    approval: { decision: 'rejected', by: 'story', comment: 'too dear', edited: false },
  });
  const ignored = await ask(async () => {});
  expect(ignored.status).toBe('partial');
  expect(await house.client.runs.step(ignored.id, '1.order')).toMatchObject({
    status: 'failed',
    error: { code: 'approval_expired' },
    approval: { decision: 'expired', by: null, at: expect.any(String) },
  });
  expect(await house.client.runs.step(ignored.id, '1.told')).toMatchObject({
    status: 'skipped',
    reason: 'dependency_failed',
  });
});
