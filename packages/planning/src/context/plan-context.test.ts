import { BROAD_INTENT, ContextPlan, ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { createDigester } from '../tools/choose-tools.ts';
import { createToolSelector } from '../tools/tool-selector.ts';
import { broadPlan, mergeContext, planContext, toolsOfAttempt } from './plan-context.ts';
import { stageTools } from './stage-tools.ts';

function tool(name: string, description: string, properties: object = {}): ToolManifest {
  return ToolManifest.parse({
    name,
    description,
    input_schema: { type: 'object', properties },
    output_schema: {},
    effects: 'read',
    idempotent: true,
    timeout_ms: 1_000,
    profile: { accuracy: 0.9, complexity: 'low' },
  });
}

const leave = tool('hr.leave', 'Days off', {
  kind: { enum: ['vacation', 'parental_leave', 'unpaid'] },
  from: { type: 'string', format: 'date' },
  who: { type: 'string', format: 'email' },
});
const tools = [
  tool('kube.pods', 'Instances that run'),
  tool('kube.logs', 'What instances wrote'),
  leave,
  tool('hr.payslip', 'Statement of what somebody earned'),
];
const select = createToolSelector();
const digester = createDigester(async () => 9);
const question = 'How many days off has ann@example.com from 2026-03-01, as parental leave?';

async function planFor(asked: string, tokens = 1_000, privacy?: string) {
  const ranked = select({ question: asked, tools });
  const stages = await stageTools(ranked, digester, { tokens, stages: 3 });
  return planContext({ question: asked, ranked, stages, stop: ['2 of 5 steps are left'], privacy });
}

test('the plan says what is ranked, why, and what the question gives', async () => {
  const plan = ContextPlan.parse(await planFor(question));
  expect(plan.intent).toBe(question);
  expect(plan.contexts[0]).toMatchObject({ context: 'hr', reason: 'hr.leave' });
  expect(plan.candidates[0]).toMatchObject({
    tool: 'hr.leave',
    reason: expect.stringMatching(/^relevance 1, score/),
  });
  expect(plan.hints).toEqual({
    'hr.leave': { kind: 'parental_leave', from: '2026-03-01', who: 'ann@example.com' },
  });
  expect(plan.stop).toEqual(['2 of 5 steps are left']);
  expect(plan.broad_search).toBe(false);
});

test('all tools are one stage where they fit; else an attempt sees the stages up to its own', async () => {
  expect((await planFor(question)).stages).toHaveLength(1);
  const plan = await planFor(question, 20);
  expect(plan.stages.map((stage) => stage.tools.length)).toEqual([2, 2]);
  expect(plan.stages[0]?.contexts).toEqual(['hr']);
  expect(toolsOfAttempt(plan, 0)).toEqual(['hr.leave', 'hr.payslip']);
  expect(toolsOfAttempt(plan, 1)).toHaveLength(4);
  expect(toolsOfAttempt(plan, 7)).toHaveLength(4);
});

test('a question that nothing fits has the broad plan', async () => {
  expect(await planFor('zzz')).toEqual({ ...broadPlan(), stop: ['2 of 5 steps are left'] });
  expect(broadPlan()).toMatchObject({ stages: [], broad_search: true, intent: BROAD_INTENT });
});

test('a tool that is named is in the first stage, whatever it takes', async () => {
  const plan = await planFor('days off, by kube.logs', 5);
  expect(plan.stages[0]?.tools).toEqual(['kube.logs']);
});

test('what must not be told is in the plan, broad or not, beside what a model says of it', async () => {
  const privacy = 'erp: hr.people (salary)';
  expect(await planFor('zzz', 1_000, privacy)).toMatchObject({ broad_search: true, privacy });
  const ranked = await planFor(question, 1_000, privacy);
  expect(ranked.privacy).toBe(privacy);
  const planned = ContextPlan.parse({
    intent: 'leave',
    stages: [{ tools: ['hr.leave'] }],
    privacy: 'no names',
  });
  expect(mergeContext(planned, ranked, offered).privacy).toBe(`no names; ${privacy}`);
  expect(mergeContext(null, ranked, offered).privacy).toBe(privacy);
});

const offered = new Set(tools.map(({ name }) => name));

test("a model's plan replaces the ranking's: unknown tools are left out, named ones are in", async () => {
  const ranked = await planFor(question);
  const planned = ContextPlan.parse({
    intent: 'leave',
    stages: [
      { contexts: ['hr'], tools: ['hr.leave', 'hr.invented'] },
      { contexts: ['x'], tools: ['x.y'] },
    ],
    candidates: [{ tool: 'hr.invented', score: 1, reason: 'sure' }],
    privacy: 'no names',
  });
  const merged = mergeContext(planned, ranked, offered, ['kube.pods', 'x.y']);
  expect(merged.stages).toEqual([{ contexts: ['hr'], tools: ['kube.pods', 'hr.leave'] }]);
  expect(merged).toMatchObject({ intent: 'leave', privacy: 'no names', broad_search: false });
  const { hints, contexts, candidates, stop } = ranked;
  expect(merged).toMatchObject({ hints, contexts, candidates, stop });
  expect(candidates).not.toEqual([]);
});

test.each([
  ['missing', null],
  ['empty', { intent: 'leave', stages: [] }],
  ['of unknown tools alone', { intent: 'leave', stages: [{ tools: ['x.y'] }] }],
])('where the plan is %s, the broad search merges in', async (_name, planned) => {
  const ranked = await planFor(question);
  const merged = mergeContext(planned && ContextPlan.parse(planned), ranked, offered);
  expect(merged).toMatchObject({ stages: ranked.stages, broad_search: true });
  expect(merged.intent).toBe(planned ? 'leave' : question);
});
