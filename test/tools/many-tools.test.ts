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
let server: ModelServer;
let world: World;

beforeAll(async () => {
  server = await startModelServer();
  world = await openWorld({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    planner: {
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-test',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
      PLANNER_TOOL_TOKENS: String(TOKENS),
    },
  });
  await loadFixture(world.db, 'default', hospital, new Date());
  await world.offer(readCatalogue());
});
afterAll(async () => {
  await world?.close();
  await server?.close();
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
