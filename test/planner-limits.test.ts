import { piecesReply, textReply } from '@planyard/llm/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { GET, openPlannedWorld, type PlannedWorld, plan, step, WARDS } from './support/planned-world.ts';

let world: PlannedWorld;

beforeAll(async () => {
  world = await openPlannedWorld();
});
afterAll(() => world?.close());
beforeEach(() => {
  world.server.requests.length = 0;
});

test('a plan stream that is cut keeps its steps and is completed by the repair round', async () => {
  const text = plan(GET, WARDS);
  world.script({
    plan: [piecesReply([text.slice(0, text.indexOf(',{"id":"wards"') + 10), 'cut'])],
    repair: [textReply(plan(WARDS))],
    join: [textReply('Both [1.mri, 1.wards].')],
  });
  const run = await world.ask({ question: 'q' });
  expect(run.outcome).toMatchObject({
    status: 'completed',
    citations: [{ step: '1.mri' }, { step: '1.wards' }],
  });
});

test.each(['cut', 'stall'] as const)(
  'a plan whose stream and repair both break off (%s) gives a partial answer',
  async (end) => {
    const text = plan(GET, WARDS);
    const broken = piecesReply([text.slice(0, text.indexOf(',{"id":"wards"') + 10), end]);
    world.script({ plan: [broken], repair: [broken], join: [textReply('It is MRI-1 [1.mri].')] });
    const run = await world.ask({ question: 'q' });
    expect(run.steps.map((each) => [each.id, each.status])).toEqual([['1.mri', 'completed']]);
    expect(run.outcome).toMatchObject({ status: 'partial', answer: 'It is MRI-1 [1.mri].' });
    expect(run.outcome.missing.join()).toContain('the rest of the plan was refused: model_bad_reply');
  },
);

test('an answer stream that is cut starts again as a partial answer from the evidence', async () => {
  world.script({ plan: [textReply(plan(GET))], join: [piecesReply(['MRI-1 is '.repeat(20), 'cut'])] });
  const run = await world.ask({ question: 'q' });
  expect(run.outcome.status).toBe('partial');
  expect(run.outcome.answer).toContain('its owner is Radiology');
  expect(run.events.filter((event) => event.type === 'answer.started').length).toBe(2);
});

test.each([
  ['length', 'the answer broke off at the limit of its length'],
  ['content_filter', 'the answer broke off at a content filter'],
] as const)('an answer that ends by %s is partial, and says so', async (finish, missing) => {
  world.script({ plan: [textReply(plan(GET))], join: [textReply('MRI-1 [1.mri] belongs to', { finish })] });
  const run = await world.ask({ question: 'q' });
  expect(run.outcome).toMatchObject({
    status: 'partial',
    answer: 'MRI-1 [1.mri] belongs to',
    citations: [{ step: '1.mri' }],
    missing: [missing],
  });
});

test('a run whose deadline came while it was planned is still answered by the model, from what there is', async () => {
  const stalled = piecesReply(['half', 'stall']);
  world.script({
    plan: [piecesReply([plan(GET, WARDS).split(',{"id":"wards"')[0] ?? '', 'stall'])],
    repair: [stalled],
    join: [textReply('MRI-1 belongs to Radiology [1.mri].')],
  });
  const askWithin = (ms: number) =>
    world.ask({ question: 'who owns MRI-1?', deadline: new Date(Date.now() + ms).toISOString() });
  let run = await askWithin(1_500);
  // Again with more time where a busy machine did not get so far.
  for (const ms of [6_000, 24_000])
    if (!run.steps.some(({ status }) => status === 'completed')) run = await askWithin(ms);
  expect(run.outcome).toMatchObject({
    // Nobody knows what else was planned.
    status: 'partial',
    answer: 'MRI-1 belongs to Radiology [1.mri].',
    missing: ['the deadline of the run passed before it was done'],
  });
});

test('no evidence at all is a failure, not an invention', async () => {
  world.script({
    plan: [textReply(plan(step('gone', 'ci.get', { id: 'nothing' })))],
    join: [textReply('It is probably fine.')],
  });
  const run = await world.ask({ question: 'q' });
  expect(run.outcome).toMatchObject({ status: 'failed', answer: null, error: { code: 'no_evidence' } });
});

test('a used-up budget stops before the next model call and says so', async () => {
  const usage = { prompt_tokens: 40_000, completion_tokens: 20_000 };
  world.script({ plan: [textReply(plan(GET), { usage })], join: [textReply('never asked')] });
  const run = await world.ask({ question: 'q', budget: { tokens: 50_000 } });
  expect(world.server.requests).toHaveLength(1);
  expect(run.outcome.status).toBe('partial');
  expect(run.outcome.missing.join()).toContain('budget of 50000 tokens');
});

test('a budget that covers no further attempt reaches the model as the instruction to conclude', async () => {
  const usage = { prompt_tokens: 25_000, completion_tokens: 5_000 };
  world.script({ plan: [textReply(plan(GET), { usage })], join: [textReply('It is in room 1 [mri].')] });
  const run = await world.ask({ question: 'q', budget: { tokens: 50_000 } });
  expect(run.outcome.answer).toBe('It is in room 1 [mri].');
  const [, join] = world.server.requests;
  expect(join?.prompt).toContain('No more calls can be made (limit: budget)');
  expect(join?.body.tools).toBeUndefined();
  // Less than what is left, for the question takes some of it.
  expect(join?.body.max_completion_tokens ?? join?.body.max_tokens).toBeLessThan(20_000);
});

test('a budget that does not cover the first call asks no model', async () => {
  world.script({ plan: [textReply('never asked')] });
  const run = await world.ask({ question: 'q', budget: { tokens: 100 } });
  expect(world.server.requests).toHaveLength(0);
  expect(run.outcome).toMatchObject({ status: 'failed', error: { code: 'budget_exceeded' } });
});
