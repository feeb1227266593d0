import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RunOptions } from '@planyard/contracts';
import { textReply } from '@planyard/llm/testing';
import { checkHealth } from '@planyard/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type House, openHouse } from './support/house.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';

const repository = resolve(import.meta.dirname, '../prompts');
const PLAN = await readFile(join(repository, 'plan.yaml'), 'utf8');
/** The file with a second version, which is the current one. */
const PLAN_2 = PLAN.replace("current: '1'", "current: '2'").concat(
  "\n  - id: '2'\n    date: 2026-11-23\n    content: 'Second edition. {{tools}} {{catalog}}'\n",
);

let server: ScriptedModel;
let house: House;
let dir: string;

beforeAll(async () => {
  server = await startScriptedModel({ prompts: {} });
  dir = server.env.PLANYARD_PROMPTS as string;
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
beforeEach(() => {
  server.requests.length = 0;
  server.script([
    {
      when: 'what is there?',
      replies: [textReply('{"intent":"greeting","steps":[],"answer":"Nothing."}')],
    },
  ]);
});
afterEach(async () => {
  await write('plan.yaml', PLAN);
  await expect.poll(faults).toEqual([undefined, undefined]);
  await expect.poll(currentPlan).toEqual(['1', '1']);
});

const write = (name: string, text: string) => writeFile(join(dir, name), text);

/** What `/readyz` of gateway and planner say of the prompts. */
async function faults() {
  const { json } = await house.request('GET', '/readyz');
  const planner = await checkHealth(house.planner.checks);
  const ofPrompts = (checks: { name: string; detail?: string }[]) =>
    checks.find(({ name }) => name === 'prompts')?.detail;
  return [ofPrompts(json.checks as { name: string }[]), ofPrompts(planner.checks)];
}

/** The current version of `plan`, as gateway and planner logged it last; nothing is logged until a file changes. */
function currentPlan() {
  const lines = house
    .log()
    .split('\n')
    .filter((line) => line.includes('"prompts: '))
    .map((line) => JSON.parse(line) as { service: string; prompts: string[] });
  return ['gateway', 'planner'].map(
    (service) =>
      lines
        .findLast((line) => line.service === service)
        ?.prompts.find((label) => label.startsWith('plan@'))
        ?.slice('plan@'.length) ?? '1',
  );
}

async function ask(options: Partial<RunOptions> = {}) {
  const { id } = await house.client.runs.create({ question: 'what is there?', options });
  return await house.client.runs.wait(id);
}

test('a new version is used without a restart; the run says which; a run can pin another', async () => {
  await write('plan.yaml', PLAN_2);
  await expect.poll(currentPlan).toEqual(['2', '2']);
  expect(await ask()).toMatchObject({
    status: 'completed',
    prompts: expect.arrayContaining([{ name: 'plan', version: '2' }]),
  });
  expect(server.requests[0]?.prompt).toContain('Second edition.');
  const pinned = await ask({ prompts: { plan: '1' } });
  expect(pinned.prompts).toContainEqual({ name: 'plan', version: '1' });
  expect(server.requests[1]?.prompt).toContain('You plan how to answer');
});

test('a broken file keeps the last good version in use, and readiness, metric and log say so', async () => {
  await write('plan.yaml', PLAN_2.replace('{{tools}}', '{{tolos}}'));
  const fault = expect.stringContaining('plan.yaml is not a prompt: versions.');
  await expect.poll(faults).toEqual([fault, fault]);
  expect((await house.request('GET', '/readyz')).status).toBe(200);
  expect(await house.planner.metrics()).toMatch(/^planyard_prompts_valid(\{.*\})? 0$/m);
  expect(house.log()).toContain('a file is broken, its last good version stays');
  expect((await ask()).prompts).toContainEqual({ name: 'plan', version: '1' });
});

test('a file that the planner needs and that is removed is a fault, and stays in use', async () => {
  await rm(join(dir, 'plan.yaml'));
  const fault = 'plan.yaml no longer holds the prompt plan, which is in use as it was';
  await expect.poll(faults).toEqual([fault, fault]);
  expect((await ask()).prompts).toContainEqual({ name: 'plan', version: '1' });
});

test('a pin of a prompt or version that is not there is refused with its place', async () => {
  const options = { prompts: { plan: '9', plna: '1' } };
  const { status, json } = await house.request('POST', '/v1/runs', { question: 'x', options });
  expect(status).toBe(400);
  expect(json).toMatchObject({
    code: 'invalid_request',
    errors: [
      { path: 'options.prompts.plan', message: 'prompt plan has no version 9; there are: 1' },
      { path: 'options.prompts.plna', message: 'there is no prompt named plna' },
    ],
  });
});

test('the API lists prompts, shows versions and renders them strictly', async () => {
  const { client } = house;
  const page = await client.prompts.list({ limit: 3 });
  expect(page.data.map(({ name }) => name)).toEqual(['adapt-plan', 'agents/code', 'agents/docs']);
  expect(page.next_cursor).not.toBeNull();
  const repair = await client.prompts.get('repair', { version: '1' });
  expect(repair).toMatchObject({ current: '1', variables: { faults: { type: 'list' } } });
  expect(repair.version.content).toContain('{{faults}}');
  await expect(client.prompts.get('repair', { version: '7' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(client.prompts.get('none')).rejects.toMatchObject({ code: 'not_found' });

  const variables = { faults: ['x: no such tool'], admitted: 'mri' };
  const rendered = await client.prompts.render('repair', { variables });
  expect(rendered).toMatchObject({ name: 'repair', version: '1' });
  expect(rendered.text).toContain(
    '- x: no such tool\n\nThese steps are already at work and stay as they are: mri',
  );
  const refused = async (body: object) => {
    const { status, json } = await house.request('POST', '/v1/prompts/repair/render', body);
    return [status, json.code, json.detail];
  };
  expect(await refused({ variables: { admitted: 'mri' } })).toEqual([
    422,
    'prompt_error',
    'prompt repair, version 1: variable faults is missing',
  ]);
  expect(await refused({ variables: { ...variables, mood: 'x' }, version: '1' })).toEqual([
    422,
    'prompt_error',
    'prompt repair, version 1: variable mood is unknown',
  ]);
  expect(await refused({ variables, version: '7' })).toEqual([
    422,
    'prompt_error',
    'prompt repair has no version 7',
  ]);
});
