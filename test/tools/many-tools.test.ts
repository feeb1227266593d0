import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RunOptions, ToolManifest } from '@planyard/contracts';
import { countTokens } from '@planyard/llm';
import {
  errorReply,
  type ModelServer,
  type Reply,
  startModelServer,
  textReply,
  toolCallReply,
} from '@planyard/llm/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { hospital } from '../questions/hospital.ts';
import { loadFixture } from '../questions/inventory-fixture.ts';
import { openWorld, type World } from '../support/world.ts';
import { readCatalogue } from './read-catalogue.ts';

/* A planner among 511 tools: what its prompt shows, what it finds, and what it may use. */

const TOKENS = 300;
const AGENT = `
description: Of a test.
current: '1'
versions: [{ id: '1', date: 2026-11-25, content: You are tested. }]
routed: false
`;
const COMPOSITION = `
name: gadget_ledger
description: The gadget ledger, with its pages where they are wanted.
parameters:
  id: { type: string }
  pages: { type: boolean, default: false }
steps:
  - id: entry
    tool: ci.get
    args: { id: { $from: params, path: id } }
  - id: pages
    tool: ci.search
    when: { $from: params, path: pages }
    args: { query: { $from: entry, path: item.code } }
`;
let server: ModelServer;
let world: World;
let directory: string;

beforeAll(async () => {
  server = await startModelServer();
  directory = await mkdtemp(join(tmpdir(), 'planyard-many-tools-'));
  const [prompts, compositions] = [join(directory, 'prompts'), join(directory, 'compositions')];
  await cp(resolve(import.meta.dirname, '../../prompts'), prompts, { recursive: true });
  await cp(resolve(import.meta.dirname, '../../compositions'), compositions, { recursive: true });
  await writeFile(join(compositions, 'gadget-ledger.yaml'), COMPOSITION);
  await writeFile(join(prompts, 'agents/caller.yaml'), `name: caller${AGENT}strategy: rounds\n`);
  await writeFile(join(prompts, 'agents/chooser.yaml'), `name: chooser${AGENT}context: model\n`);
  await writeFile(
    join(prompts, 'agents/knower.yaml'),
    `name: knower${AGENT}intents:\n  gadget: { words: [frobnicate], tools: [cep.simulate] }\n`,
  );
  world = await openWorld({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    planner: {
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-test',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
      PLANNER_TOOL_TOKENS: String(TOKENS),
      PLANYARD_PROMPTS: prompts,
      PLANYARD_COMPOSITIONS: compositions,
    },
  });
  await loadFixture(world.db, 'default', hospital, new Date());
  await world.offer(readCatalogue());
});
afterAll(async () => {
  await world?.close();
  await server?.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  server.requests.length = 0;
});

const plan = (...steps: object[]) => JSON.stringify({ intent: 'test', steps });
const GET = { id: 'mri', tool: 'ci.get', args: { id: 'MRI-1' } };
const done = textReply('Done [1.mri].');
const search = (query: string) => toolCallReply('tools_search', { query });
const shownIn = (prompt: string) =>
  [...prompt.matchAll(/^([a-z_]+\.[a-z_]+)\(.*$/gm)].map(([line, name]) => ({ line, name }));

function script(plans: Reply[], more: { replan?: Reply[]; join?: Reply[]; repair?: Reply[] } = {}) {
  server.script([
    ...(more.repair ? [{ when: 'Parts of this plan cannot run', replies: more.repair }] : []),
    ...(more.replan ? [{ when: 'This question was planned before', replies: more.replan }] : []),
    { when: 'You plan how to answer', replies: plans },
    { when: 'You answer a question', replies: more.join ?? [done] },
  ]);
}
const plannings = () => server.requests.filter(({ prompt }) => prompt.includes('You plan how to answer'));

test('a prompt shows the tools that fit, within its tokens; the model searches for others and uses what it finds', async () => {
  script([search('details of one configuration item'), textReply(plan(GET))]);
  const run = await world.ask({ question: 'How many vacation days does Jonas have left?', agent: 'general' });
  expect(run.steps.map(({ tool, status }) => [tool, status])).toEqual([['ci.get', 'completed']]);
  const [first, second] = plannings();
  const shown = shownIn(first?.prompt ?? '');
  expect(shown[0]?.name).toBe('hr.leave_balance');
  expect(shown[0]?.line).toContain('(employee_id, year?) -> {entitled, taken, remaining}');
  expect(shown.map(({ name }) => name)).not.toContain('ci.get');
  expect(await countTokens(shown.map(({ line }) => line).join('\n'))).toBeLessThanOrEqual(TOKENS);
  expect(first?.body.tools).toMatchObject([{ function: { name: 'tools_search' } }]);
  const told = JSON.stringify(second?.body.messages?.at(-1));
  expect(told).toContain('"role":"tool"');
  expect(told).toContain('ci.get(id) -> {item: {id, code');
});

test('searches are bounded: after three the model must plan', async () => {
  script([search('payroll'), search('payroll'), search('payroll'), textReply(plan(GET))], {
    repair: [textReply('{}'), textReply('{}'), textReply('{}')],
  });
  await world.ask({ question: 'How many vacation days does Jonas have left?', agent: 'general' });
  expect(
    plannings()
      .slice(0, 4)
      .map(({ body }) => body.tool_choice ?? 'auto'),
  ).toEqual(['auto', 'auto', 'auto', 'none']);
});

test('a tool that was neither shown nor found is unknown, and nothing takes its place', async () => {
  script([textReply(plan(GET))], { repair: [textReply('{}'), textReply('{}')] });
  const run = await world.ask({ question: 'How many vacation days does Jonas have left?', agent: 'general' });
  expect(run.steps.filter(({ id }) => id === '1.mri')).toEqual([]);
  const repair = server.requests.find(({ prompt }) => prompt.includes('Parts of this plan cannot run'));
  expect(repair?.prompt).toContain('"step":"mri","path":"tool"');
});

test('a tool that the question names is shown; the next attempt shows more', async () => {
  script([textReply(plan(GET))], {
    join: [toolCallReply('replan', { reason: 'more' }), textReply('Done [1.mri].')],
    replan: [textReply(plan({ ...GET, id: 'again' }))],
  });
  const run = await world.ask({ question: 'Use ci.get: vacation days of MRI-1?', agent: 'general' });
  expect(run.steps.map(({ id }) => id)).toEqual(['1.mri', '2.again']);
  const [first, second] = plannings().map(({ prompt }) => shownIn(prompt).map(({ name }) => name));
  expect(first?.[0]).toBe('ci.get');
  expect(second?.slice(0, first?.length)).toEqual(first);
  expect(second?.length).toBeGreaterThan((first?.length ?? 0) * 1.5);
});

test('a budget of steps is when to stop, whether a model or the ranking makes the context plan, and in rounds', async () => {
  for (const agent of ['general', 'chooser', 'caller']) {
    server.requests.length = 0;
    server.script([
      {
        when: 'You decide which tools a plan',
        replies: [textReply('{"intent":"x","stages":[{"tools":["ci.get"]}]}')],
      },
      { when: 'You plan how to answer', replies: [textReply('{"intent":"x","steps":[],"answer":"So."}')] },
      { when: 'Calls of one round', replies: [textReply('So.')] },
    ]);
    await world.ask({ question: 'Use ci.get for MRI-1', agent, budget: { steps: 3 } });
    expect(server.requests.at(-1)?.prompt).toContain('enough: steps = 3');
  }
});

test('without the selector tools come by name', async () => {
  script([textReply('{"intent":"x","steps":[],"answer":"Hello"}')]);
  const options = {
    cache: true,
    selector: false,
    compositions: true,
    plan_cache: true,
    trace: true,
    max_attempts: 2,
    priority: 5,
  };
  await world.ask({ question: 'How many vacation days does Jonas have left?', agent: 'general', options });
  const names = shownIn(plannings()[0]?.prompt ?? '').map(({ name }) => name);
  expect(names[0]).toBe('analytics.active_users');
  expect(names).toEqual([...names].sort());
});

test('a model that refuses tools plans with what is shown', async () => {
  script([errorReply(400, 'tools are not supported by this model'), textReply(plan(GET))]);
  const run = await world.ask({ question: 'Use ci.get for MRI-1', agent: 'general' });
  expect(run.steps.map(({ tool, status }) => [tool, status])).toEqual([['ci.get', 'completed']]);
  expect(plannings()[1]?.body.tools).toBeUndefined();
});

test('in rounds the model searches as well, and calls what it found in the same round', async () => {
  server.script([
    {
      when: 'Calls of one round run at the same time',
      replies: [
        search('details of one configuration item'),
        toolCallReply('ci__get', { id: 'MRI-1' }),
        textReply('It is there [1.call_1].'),
      ],
    },
  ]);
  const run = await world.ask({ question: 'How many vacation days does Jonas have left?', agent: 'caller' });
  expect(run.outcome).toMatchObject({ status: 'completed', answer: 'It is there [1.call_1].' });
  const names = (at: number) =>
    ((server.requests[at]?.body.tools ?? []) as { function: { name: string } }[]).map(
      (each) => each.function.name,
    );
  expect(names(0)).not.toContain('ci__get');
  expect(names(0)).toContain('tools_search');
  expect(names(1)).toContain('ci__get');
  // What it called it may call again in the next round.
  expect(names(2)).toContain('ci__get');
});

test('what a search found stays for the run, in rounds and in plans, whether it was called or not', async () => {
  const question = 'How many vacation days does Jonas have left?';
  const LEAVE = { id: 'leave', tool: 'hr.leave_balance', args: { employee_id: 'jonas' }, timeout_ms: 1_000 };
  server.script([
    {
      when: 'Calls of one round run at the same time',
      replies: [
        search('details of one configuration item'),
        toolCallReply('ci__search', { query: 'MRI-1' }),
        toolCallReply('ci__search', { query: 'ward' }),
        textReply('So it is [1.call_1].'),
      ],
    },
  ]);
  await world.ask({ question, agent: 'caller' });
  const offered = server.requests.map(({ body }) =>
    ((body.tools ?? []) as { function: { name: string } }[]).map((each) => each.function.name),
  );
  expect(offered.map((names) => names.includes('ci__get'))).toEqual([false, true, true, true]);

  server.requests.length = 0;
  script([search('details of one configuration item'), textReply(plan(LEAVE))], {
    join: [toolCallReply('replan', { reason: 'more' }), toolCallReply('replan', { reason: 'more' }), done],
    replan: [textReply(plan({ ...LEAVE, id: 'again', args: { employee_id: 'j' } })), textReply(plan(GET))],
  });
  const run = await world.ask({ question, agent: 'general' });
  expect(run.steps.find(({ id }) => id === '3.mri')?.status).toBe('completed');
  const last = shownIn(plannings().at(-1)?.prompt ?? '');
  expect(last.map(({ name }) => name)).toContain('ci.get');
  expect(await countTokens(last.map(({ line }) => line).join('\n'))).toBeLessThanOrEqual(3 * TOKENS);
});

test('a composition that a search found stays too; a step of it that is skipped in one round may run in the next', async () => {
  const call = (args: object) => toolCallReply('composition__gadget_ledger', args);
  server.script([
    {
      when: 'Calls of one round run at the same time',
      replies: [
        search('gadget ledger'),
        call({ id: 'MRI-1' }),
        call({ id: 'MRI-1', pages: true }),
        textReply('It is there [2.call_2__pages].'),
      ],
    },
  ]);
  const run = await world.ask({ question: 'How many vacation days does Jonas have left?', agent: 'caller' });
  expect(run.outcome).toMatchObject({ status: 'completed', citations: [{ step: '2.call_2__pages' }] });
  expect(run.steps.map(({ id, status }) => [id, status])).toEqual([
    ['1.call_1__params', 'completed'],
    ['1.call_1__entry', 'completed'],
    ['1.call_1__pages', 'skipped'],
    ['1.call_1', 'completed'],
    ['2.call_2__params', 'completed'],
    ['2.call_2__entry', 'completed'],
    ['2.call_2__pages', 'completed'],
    ['2.call_2', 'completed'],
  ]);
  expect(run.steps[3]?.result?.value).toMatchObject({ enriched: { pages: null } });
  const last = server.requests.at(-1)?.body;
  expect(JSON.stringify(last?.tools)).toContain('composition__gadget_ledger');
  // Each call that the model is told of has its result, the skipped one too.
  const messages = (last?.messages ?? []) as { tool_calls?: { id: string }[]; tool_call_id?: string }[];
  const called = messages.flatMap(({ tool_calls }) => (tool_calls ?? []).map(({ id }) => id));
  expect(called).toHaveLength(4);
  expect(messages.flatMap(({ tool_call_id }) => tool_call_id ?? [])).toEqual(called);
});

test("a model's context plan keeps within the tokens of a stage; what the question names is in", async () => {
  const tools = readCatalogue().map(({ name }) => name);
  const context = { intent: 'all', stages: [{ contexts: [], tools: tools.slice(0, 100) }], hints: {} };
  server.script([
    { when: 'You decide which tools a plan', replies: [textReply(JSON.stringify(context))] },
    { when: 'You plan how to answer', replies: [textReply('{"intent":"x","steps":[],"answer":"So."}')] },
  ]);
  await world.ask({ question: `Would ${tools[99]} tell?`, agent: 'chooser' });
  const shown = shownIn(plannings()[0]?.prompt ?? '');
  expect(shown[0]?.name).toBe(tools[99]);
  expect(shown.length).toBeGreaterThan(5);
  expect(await countTokens(shown.map(({ line }) => line).join('\n'))).toBeLessThanOrEqual(TOKENS);
});

test('where an agent wants it, one call of the model chooses the stages; unknown tools are left out, hints reach the plan', async () => {
  const context = {
    intent: 'an item',
    stages: [
      { contexts: ['ci'], tools: ['ci.get', 'ci.invented'] },
      { contexts: ['history'], tools: ['history.event_log'] },
    ],
    hints: { 'ci.get': { id: 'MRI-1' } },
    stop: ['the item is known'],
    privacy: 'no names of people',
  };
  server.script([
    { when: 'You decide which tools a plan', replies: [textReply(JSON.stringify(context))] },
    {
      when: 'This question was planned before',
      replies: [textReply('{"intent":"x","steps":[],"answer":"So."}')],
    },
    { when: 'You plan how to answer', replies: [textReply(plan(GET))] },
    { when: 'You answer a question', replies: [toolCallReply('replan', { reason: 'more' })] },
  ]);
  const run = await world.ask({ question: 'How many vacation days does Jonas have left?', agent: 'chooser' });
  expect(run.outcome.status).toBe('completed');
  const [first, second] = plannings().map(({ prompt }) => prompt);
  expect(shownIn(first ?? '').map(({ name }) => name)).toEqual(['ci.get']);
  expect(first).toContain('ci.get: id = MRI-1');
  expect(first).toContain('private: no names of people');
  expect(shownIn(second ?? '').map(({ name }) => name)).toEqual(['ci.get', 'history.event_log']);
  // What it chose stays for the second attempt.
  expect(server.requests.filter(({ prompt }) => prompt.includes('You decide which tools'))).toHaveLength(1);
});

test('a context plan that cannot be read: the ranking takes its place, and the search is broad', async () => {
  server.script([
    { when: 'You decide which tools a plan', replies: [textReply('I would look everywhere.')] },
    { when: 'You plan how to answer', replies: [textReply(plan(GET))] },
    { when: 'You answer a question', replies: [done] },
  ]);
  await world.ask({ question: 'How many vacation days does Jonas have left?', agent: 'chooser' });
  expect(shownIn(plannings()[0]?.prompt ?? '')[0]?.name).toBe('hr.leave_balance');
});

test("an agent's own words bring its tools up", async () => {
  script([textReply('{"intent":"x","steps":[],"answer":"Hello"}')]);
  const question = 'Please frobnicate it';
  const shown = async (agent: string) => {
    server.requests.length = 0;
    await world.ask({ question, agent });
    return shownIn(plannings()[0]?.prompt ?? '').map(({ name }) => name);
  };
  expect(await shown('general')).not.toContain('cep.simulate');
  expect((await shown('knower'))[0]).toBe('cep.simulate');
});

test('a tool that keeps failing is shown to one attempt in a while, once it has rested, until it works again', async () => {
  const shownWhile = async (breaker: 'half_open' | 'open' | 'closed') => {
    server.requests.length = 0;
    const measured = { calls: 5, ms: 10, success: 0.5, cached: 0, breaker };
    const figures = { 'hr.leave_balance': measured };
    await world.offer(readCatalogue(), { running: 0, places: 1, figures, before: {} });
    script([textReply(plan(GET))]);
    await world.ask({
      question: 'How many vacation days does Jonas have left? Use ci.get',
      agent: 'general',
    });
    return shownIn(plannings()[0]?.prompt ?? '').some(({ name }) => name === 'hr.leave_balance');
  };
  expect(await shownWhile('open')).toBe(false);
  expect(await shownWhile('half_open')).toBe(true);
  expect(await shownWhile('half_open')).toBe(false);
  expect(await shownWhile('closed')).toBe(true);
});

test('the strategy of a run says which of the tools that fit alike its prompt shows', async () => {
  const rain = (name: string, profile: object) =>
    ToolManifest.parse({ ...readCatalogue()[0], name, description: 'Rain of a day', profile });
  await world.offer(
    [...'abcdefghijklmnopqrstuvwxyz'].flatMap((letter) => [
      rain(`sky.quick_${letter}`, { accuracy: 0.6, complexity: 'very_low' }),
      rain(`sky.exact_${letter}`, { accuracy: 1, complexity: 'very_high' }),
    ]),
  );
  script([textReply('{"intent":"x","steps":[],"answer":"Hello"}')]);
  const shown = async (strategy: 'fastest' | 'most_accurate') => {
    server.requests.length = 0;
    await world.ask({
      question: 'Was there rain?',
      agent: 'general',
      options: RunOptions.parse({ strategy }),
    });
    return shownIn(plannings()[0]?.prompt ?? '').map(({ name }) => name?.replace(/_.$/, ''));
  };
  expect(new Set(await shown('fastest'))).toEqual(new Set(['sky.quick']));
  expect(new Set(await shown('most_accurate'))).toEqual(new Set(['sky.exact']));
});
