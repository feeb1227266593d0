import type { RunEvent, RunResponse } from '@planyard/contracts';
import {
  errorReply,
  type ModelServer,
  piecesReply,
  type Reply,
  startModelServer,
  textReply,
  toolCallReply,
  toolCallsReply,
} from '@planyard/llm/testing';
import type { Client } from '@planyard/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openProcesses, type Processes } from './support/processes.ts';

/* What the planner does, over each service as a process of its own. */

const postgresUrl = inject('postgresUrl');

const ROUTES = 'decide who answers the last message';
const ROUNDS = 'Calls of one round run at the same time';
const REPAIRS = 'Parts of this plan cannot run';
const REPLANS = 'This question was planned before';
const PLANS = 'You plan how to answer';
const JOINS = 'You answer a question';

// Processes share no PGlite.
describe.skipIf(!postgresUrl)('planning, in processes', () => {
  let server: ModelServer;
  let processes: Processes;
  let client: Client;

  beforeAll(async () => {
    server = await startModelServer();
    processes = await openProcesses({
      redisUrl: inject('redisUrl'),
      postgresUrl: postgresUrl as string,
      server,
      env: { PLANYARD_NAMESPACE: 'planning' },
    });
    client = processes.client;
  });
  afterAll(async () => {
    await processes?.close();
    await server?.close();
  });
  beforeEach(() => {
    server.requests.length = 0;
  });

  function script(rules: { [when: string]: Reply[] }) {
    server.script(Object.entries(rules).map(([when, replies]) => ({ when, replies })));
  }

  type Question = Parameters<Client['runs']['create']>[0];

  async function ask(request: Question): Promise<RunResponse> {
    const { id } = await client.runs.create({ options: { plan_cache: false }, ...request });
    return await client.runs.wait(id);
  }

  const step = (id: string, tool: string, args: object) => ({ id, tool, args, purpose: id });
  const plan = (...steps: object[]) => JSON.stringify({ intent: 'test', steps });
  const GET = step('mri', 'ci.get', { id: 'MRI-1' });
  const done = textReply('Done [1.mri].');

  test('routing, and a direct answer', async () => {
    script({
      [ROUTES]: [
        textReply('{"agent":"kubernetes","answer":null}'),
        textReply('{"agent":null,"answer":"Hello."}'),
      ],
      [ROUNDS]: [textReply('By kubectl.')],
    });
    const chat = async (message: string) => {
      const { id } = await client.agents.chatWithBlueprint('devassist', { message });
      return await client.runs.wait(id);
    };
    expect(await chat('how do I scale?')).toMatchObject({ agent: 'kubernetes', answer: 'By kubectl.' });
    expect(await chat('hello')).toMatchObject({ agent: null, answer: 'Hello.', steps: [] });
  });

  test('rounds', async () => {
    script({
      [ROUNDS]: [
        toolCallsReply(['ci__get', { id: 'MRI-1' }], ['ci__list_preview', { type: 'ward' }]),
        textReply('It is there [1.call_1], with the wards [1.call_2].'),
      ],
    });
    const run = await ask({ question: 'what is there?', agent: 'systemarchitect' });
    expect(run).toMatchObject({
      status: 'completed',
      citations: [{ step: '1.call_1' }, { step: '1.call_2' }],
    });
  });

  test('repair, and replan with what was learnt', async () => {
    script({
      [REPAIRS]: [textReply(plan(step('log', 'history.event_log', {})))],
      [REPLANS]: [textReply(plan(step('wards', 'ci.list_preview', { type: 'ward' })))],
      [PLANS]: [textReply(plan(GET, step('log', 'history.event_lg', {})))],
      [JOINS]: [toolCallReply('replan', { reason: 'the wards are missing' }), done],
    });
    const run = await ask({ question: 'what is MRI-1, and which wards are there?', agent: 'ops' });
    expect(run.status).toBe('completed');
    expect(run.steps.map(({ id, status }) => [id, status])).toEqual([
      ['1.mri', 'completed'],
      ['1.log', 'completed'],
      ['2.wards', 'completed'],
    ]);
  });

  test('broad fallback', async () => {
    script({ [PLANS]: [errorReply(400, 'no such model')], [JOINS]: [errorReply(400, 'no such model')] });
    const run = await ask({ question: 'anything about MRI-1 breakdown?', agent: 'ops' });
    expect(run).toMatchObject({ status: 'partial', plan_source: 'broad' });
    expect(run.answer).toContain('Helium pressure lost');
  });

  test('partial on the budget, and on the deadline', async () => {
    const usage = { prompt_tokens: 40_000, completion_tokens: 20_000 };
    script({ [PLANS]: [textReply(plan(GET), { usage })], [JOINS]: [textReply('never asked')] });
    const poor = await ask({ question: 'what is MRI-1?', agent: 'ops', budget: { tokens: 50_000 } });
    expect(poor).toMatchObject({ status: 'partial', budget: { tokens: { exceeded: true } } });
    script({
      [PLANS]: [piecesReply([plan(GET).slice(0, -2), 'stall'])],
      [JOINS]: [done],
    });
    const askWithin = (ms: number) => ask({ question: 'what is MRI-1?', agent: 'ops', budget: { ms } });
    let late = await askWithin(1_500);
    // Again with more time where a busy machine did not get so far.
    for (const ms of [6_000, 24_000])
      if (!late.steps.some(({ status }) => status === 'completed')) late = await askWithin(ms);
    expect(late).toMatchObject({ status: 'partial', answer: 'Done [1.mri].' });
  });

  test('a kept plan, and a composition', async () => {
    script({ [PLANS]: [textReply(plan(GET))], [JOINS]: [done] });
    const options = {};
    await ask({ question: 'what kind of thing is MRI-1?', agent: 'ops', options });
    const again = await ask({ question: 'What kind of thing is MRI-1', agent: 'ops', options });
    expect(again).toMatchObject({ status: 'completed', plan_source: 'cache' });
    const { id } = await client.compositions.run('graph_with_metrics', {
      parameters: { ci: 'MRI-1', metric: 'temperature' },
    });
    await client.runs.wait(id);
    expect(await client.compositions.result(id)).toMatchObject({
      status: 'completed',
      metadata: { errors: [] },
    });
  });

  test('a planner that is killed in the middle of an agent’s plan: the run is planned anew, as the same agent, within the same limits', async () => {
    let begun = () => {};
    const streaming = new Promise<void>((tell) => {
      begun = tell;
    });
    script({
      [REPLANS]: [textReply(plan(GET, step('wards', 'ci.list_preview', { type: 'ward' })))],
      [PLANS]: [piecesReply([plan(GET).slice(0, -2), 'stall'])],
      [JOINS]: [done],
    });
    const { id } = await client.runs.create({
      question: 'what is MRI-1, and which wards are there?',
      agent: 'ops',
      budget: { steps: 5 },
      options: { plan_cache: false, cache: false },
    });
    const events: RunEvent[] = [];
    const following = (async () => {
      for await (const event of client.runs.events(id)) {
        events.push(event);
        if (event.type === 'step.completed') begun();
      }
    })();
    await streaming;
    // The other one has no run: whichever holds this one, it dies.
    for (const planner of processes.planners) planner.signal('SIGKILL');
    processes.startPlanner();
    await following;
    const run = await client.runs.get(id);
    expect(run).toMatchObject({
      status: 'completed',
      agent: 'ops',
      budget: { steps: { limit: 5, used: 3 } },
    });
    expect(events.flatMap((event) => (event.type === 'plan.started' ? [event.data] : []))).toMatchObject([
      { attempt: 1, reason: 'first', agent: 'ops' },
      { attempt: 2, reason: 'restart', agent: 'ops' },
    ]);
    // What had a result was not executed again.
    expect(run.steps.map(({ id, cached }) => [id, cached])).toEqual([
      ['1.mri', false],
      ['2.mri', true],
      ['2.wards', expect.any(Boolean)],
    ]);
  });
});
