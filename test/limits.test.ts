import type { RunEvent } from '@planyard/contracts';
import { type ModelServer, startModelServer, textReply, toolCallReply } from '@planyard/llm/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type House, openHouse } from './support/house.ts';

const MiB = 1024 * 1024;
const JOINS = 'You answer a question';

let server: ModelServer;
let house: House;

beforeAll(async () => {
  server = await startModelServer();
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    toolsDirectory: new URL('./support/tools/', import.meta.url),
    env: {
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-story',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
    },
  });
});
afterAll(async () => {
  await house?.close();
  await server?.close();
});

const ROUNDS = 'Calls of one round run at the same time';

interface Step {
  id: string;
  [field: string]: unknown;
}

const text = (id: string, args: object = {}, more: object = {}): Step => ({
  id,
  tool: 'yard.text',
  purpose: id,
  args: { bytes: 1, ...args },
  ...more,
});
const chain = (length: number) =>
  Array.from({ length }, (_, at) => text(`s${at}`, {}, at === 0 ? {} : { after: [`s${at - 1}`] }));
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** What the caller sees of a run whose model plans these steps, and plans the same again when they are sent back. */
async function ask(steps: Step[] | string) {
  const plan = typeof steps === 'string' ? steps : JSON.stringify({ intent: 'test', steps });
  server.script([
    { when: JOINS, replies: [textReply('It is so [1.ok].')] },
    { when: ROUNDS, replies: [toolCallReply('yard__none', {})] },
    { when: /./, replies: [textReply(plan)] },
  ]);
  const { id } = await house.client.runs.create({ question: 'is it so?', options: { max_attempts: 1 } });
  const seen: RunEvent[] = [];
  for await (const event of house.client.runs.events(id, { signal: AbortSignal.timeout(120_000) }))
    seen.push(event);
  const run = await house.client.runs.get(id);
  const sealed = seen.find((event) => event.type === 'plan.sealed');
  return {
    run,
    /** Of each refused step, its code. */
    refused: Object.fromEntries((sealed?.data.refused ?? []).map(({ step, code }) => [step, code])),
    /** Of each step in the graph, its error code or null. */
    steps: Object.fromEntries(run.steps.map((step) => [step.id, step.error?.code ?? null])),
  };
}

test('what is wrong with a plan is sent back once; what is not mended is named, and the rest goes on', async () => {
  const { run, refused, steps } = await ask([
    text('ok'),
    text('ok', { forget: 'another step' }),
    text('a', {}, { after: ['b'] }),
    text('b', {}, { after: ['a'] }),
    text('self', { forget: { $from: 'self' } }),
    text('tool', {}, { tool: 'yard.nothing' }),
    text('args', { bytes: 'many' }),
    text('path', { forget: { $from: 'ok', path: 'nodes[' } }),
    text('reference', { forget: { $from: 7 } }),
    text('template', { forget: 'it is ${ok.text' }),
    text('nowhere', { forget: { $from: 'nobody' } }),
    text('field', {}, { priority: 1 }),
    text('large', { forget: 'x'.repeat(256 * 1024) }),
    text('dependent', { forget: { $from: 'large' } }),
  ]);
  expect(steps).toEqual({ '1.ok': null });
  expect(refused).toEqual({
    ok: 'duplicate_step',
    a: 'plan_cycle',
    b: 'plan_cycle',
    self: 'plan_cycle',
    tool: 'unknown_tool',
    args: 'invalid_args',
    path: 'invalid_reference',
    reference: 'invalid_reference',
    template: 'invalid_reference',
    nowhere: 'unknown_step',
    field: 'invalid_step',
    large: 'args_too_large',
    dependent: 'unknown_step',
  });
  expect(run).toMatchObject({ status: 'partial', answer: 'It is so [1.ok].', error: null });
  expect(run.missing).toContainEqual(expect.stringMatching(/^step a of the plan was refused: plan_cycle, /));
  expect(run.missing).toHaveLength(Object.keys(refused).length);
});

test('a plan of which nothing is valid ends the run with the reasons', async () => {
  const { run } = await ask([text('a', {}, { after: ['b'] }), text('b', {}, { after: ['a'] })]);
  expect(run).toMatchObject({ status: 'failed', answer: null, error: { code: 'no_evidence' } });
  expect(run.missing.join('\n')).toMatch(/step a of the plan was refused: plan_cycle/);
});

test('a plan has at most 200 steps, one after another at most 50', async () => {
  const wide = await ask(Array.from({ length: 203 }, (_, at) => text(`s${at}`)));
  expect(wide.refused).toEqual({ s200: 'plan_too_large', s201: 'plan_too_large', s202: 'plan_too_large' });
  expect(wide.run.steps).toHaveLength(200);
  expect(wide.run.status).toBe('partial');

  const deep = await ask(chain(52));
  expect(deep.refused).toEqual({ s50: 'plan_too_deep', s51: 'unknown_step' });
  expect(deep.run.steps).toHaveLength(50);
});

test('arguments and results nest at most 50 levels', async () => {
  const step = (id: string, levels: number) =>
    `{"id":"${id}","tool":"yard.text","args":{"bytes":1,"forget":${nested(levels)}}}`;
  const { refused, steps } = await ask(
    `{"intent":"test","steps":[${step('ok', 49)},${step('deep', 50)},${step('abyss', 20_000)}]}`,
  );
  expect(refused).toEqual({ deep: 'too_deep', abyss: 'too_deep' });
  expect(steps).toEqual({ '1.ok': null });

  const results = await ask([
    { id: 'ok', tool: 'yard.nest', args: { levels: 50 } },
    { id: 'deep', tool: 'yard.nest', args: { levels: 51 } },
  ]);
  expect(results.steps).toEqual({ '1.ok': null, '1.deep': 'too_deep' });
  expect(results.run.status).toBe('partial');
});

test('a result has at most 10 MiB, a run 64 MiB', async () => {
  const frame = Buffer.byteLength('{"text":""}');
  const one = await ask([
    text('ok', { bytes: 10 * MiB - frame }),
    text('over', { bytes: 10 * MiB - frame + 1 }),
  ]);
  expect(one.steps).toEqual({ '1.ok': null, '1.over': 'result_too_large' });
  expect(one.run.missing).toEqual([expect.stringContaining('10485761 bytes; 10485760 are allowed')]);

  const all = await ask(chain(8).map((step) => ({ ...step, args: { bytes: 9 * MiB }, on_error: 'skip' })));
  expect(all.steps).toEqual({
    ...Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`1.s${at}`, null])),
    '1.s7': 'run_too_large',
  });
  expect(all.run.status).toBe('partial');
});

test('no secret is in any log of it', () => {
  expect(house.log().length).toBeGreaterThan(1_000);
  for (const secret of [house.key, 'sk-story']) expect(house.log()).not.toContain(secret);
});

test('a body nests at most 50 levels', async () => {
  const reply = await house.request('POST', '/v1/runs', { question: 'a', options: JSON.parse(nested(60)) });
  expect(reply).toMatchObject({ status: 400, json: { code: 'too_deep' } });
});
