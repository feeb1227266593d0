import { type AdmittedStep, Composition, PlanyardError, ToolManifest } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';
import { beforeEach, expect, test } from 'vitest';
import type { Composed } from '../compositions/composed.ts';
import { type Admission, createAdmission } from './admission.ts';
import { createArgsCheck } from './check-args.ts';

const tool = ToolManifest.parse({
  name: 'ci.search',
  description: 'Finds items',
  input_schema: {
    type: 'object',
    properties: {
      query: { type: 'string', minLength: 2 },
      ids: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] },
      agg: { enum: ['avg', 'max'] },
      limit: { type: 'integer' },
    },
    required: ['query'],
    additionalProperties: false,
  },
  output_schema: {},
  effects: 'read',
  idempotent: true,
  broad_search: true,
  timeout_ms: 1000,
  profile: { accuracy: 1, complexity: 'low' },
});

const closed = (properties: object) => ({ type: 'object', properties, additionalProperties: false });
const listed = ToolManifest.parse({
  ...tool,
  name: 'ci.list_preview',
  output_schema: closed({
    items: { type: 'array', items: { $ref: '#/$defs/item' } },
    overall: { anyOf: [closed({ value: { type: 'number' } }), { type: 'null' }] },
    attributes: { type: 'object', additionalProperties: {} },
  }),
});
Object.assign(listed.output_schema, {
  $defs: { item: closed({ id: {}, tags: { type: 'array', items: {} } }) },
});
const figures = ToolManifest.parse({
  ...tool,
  name: 'metric.aggregate',
  output_schema: closed({ items: {} }),
});

const lookup = Composition.parse({
  name: 'look',
  description: 'Looks.',
  parameters: { query: { type: 'string' }, n: { type: 'integer', default: 1 } },
  steps: [
    { id: 'find', tool: 'ci.search', args: { query: { $from: 'params', path: 'query' } } },
    {
      id: 'more',
      tool: 'ci.search',
      args: { query: { $from: 'find', path: 'name' }, limit: { $from: 'params', path: 'n | abs(@)' } },
    },
  ],
});
const look = ToolManifest.parse({ ...tool, name: 'composition.look', input_schema: { type: 'object' } });
const collect = ToolManifest.parse({ ...tool, name: 'composition.collect' });
const composed: Composed = {
  compositions: new Map([['composition.look', lookup]]),
  toolOf: (name) => [tool, collect].find((each) => each.name === name),
};

let added: AdmittedStep[];
let admission: Admission;
let refuse: PlanyardError | null;

beforeEach(() => {
  added = [];
  refuse = null;
  admission = createAdmission(
    {
      attempt: 2,
      steps: [
        { id: '1.deps', attempt: 1 },
        { id: '1.b', attempt: 1 },
        { id: '1.ctx__find', attempt: 1 },
      ] as StepState[],
      addSteps: async (steps) => {
        if (refuse) throw refuse;
        added.push(...steps);
      },
    },
    [tool, listed, figures, look],
    createArgsCheck(),
    composed,
  );
});

const step = (id: string, args: object = { query: 'db' }, more: object = {}) => ({
  id,
  tool: 'ci.search',
  args,
  ...more,
});
const ids = () => added.map((each) => each.id);

test('a step goes into the graph with its stored references and dispatch', async () => {
  await admission.offer(step('a'));
  await admission.offer(
    step(
      'c',
      { query: 'x ${deps.name}', ids: { $from: 'a', path: 'items[].id' } },
      { after: ['b'], timeout_ms: 50 },
    ),
  );
  expect(added[1]).toMatchObject({
    id: '2.c',
    data_deps: ['1.deps', '2.a'],
    after_deps: ['1.b'],
    dispatch: { class: 'io', timeout_ms: 50, max_tries: 3 },
    spec: { args: { ids: { $from: '2.a' } } },
  });
  expect(admission.takeFaults()).toEqual([]);
});

test('a forward reference is held until its step comes', async () => {
  await admission.offer(step('late', { query: { $from: 'first', path: 'name' } }));
  expect(ids()).toEqual([]);
  await admission.offer(step('first'));
  expect(ids()).toEqual(['2.first', '2.late']);
});

test.each([
  ['an unknown tool', { ...step('a'), tool: 'ci.find' }, 'tool', 'ci.search'],
  ['a wrong type', step('a', { query: 'db', limit: 'many' }), 'args.limit', 'integer'],
  ['a missing argument', step('a', {}), 'args.query', 'a value'],
  ['an unknown argument', step('a', { query: 'db', size: 1 }), 'args.size', 'query, ids, agg, limit'],
  ['a value that is not offered', step('a', { query: 'db', agg: 'p95' }), 'args.agg', 'avg, max'],
  ['a wrong union', step('a', { query: 'db', ids: 5 }), 'args.ids', 'array'],
  ['a broken path', step('a', { query: { $from: 'deps', path: 'nodes[' } }), 'args.query', 'JMESPath'],
  ['a malformed reference', step('a', { query: { $from: 'deps', pfad: 'x' } }), 'args', '$from'],
  ['a reference to itself', step('a', { query: { $from: 'a' } }), 'args', 'other steps'],
  ['an unknown step', step('a', { query: { $from: 'nowhere' } }), 'args.query', 'id of a step'],
  ['an unknown field', step('a', { query: 'db' }, { priority: 1 }), 'priority', 'unknown field'],
  [
    'a fallback of an unknown tool',
    step('a', undefined, { on_error: 'fallback', fallback: { tool: 'x.y' } }),
    'fallback.tool',
    'ci.search',
  ],
])('%s is told with its place', async (_name, raw, path, expected) => {
  await admission.offer(raw);
  const faults = admission.takeFaults();
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatchObject({ step: 'a', path });
  expect(faults[0]?.expected).toContain(expected);
  expect(ids()).toEqual([]);
});

test.each([
  ['items[].id', null],
  ['items[0].tags[]', null],
  ['items[?id == `1`].id | [0].anything', null],
  ['overall.value', null],
  ['attributes.size_gb', null],
  ['length(rows)', null],
  ['nodes[].id', 'items, overall, attributes in the result of ci.list_preview'],
  ['items[*].code', 'id, tags in the result of ci.list_preview'],
  ['items[].tags[].name', null],
  ['overall.mean', 'value in the result of ci.list_preview'],
  ['items.id', '[] or an index before id'],
])('the path %s of a known result: %s', async (path, expected) => {
  await admission.offer({ ...step('from'), tool: 'ci.list_preview' });
  await admission.offer(step('a', { query: 'db', ids: { $from: 'from', path } }));
  const faults = admission.takeFaults();
  expect(ids()).toEqual(expected === null ? ['2.from', '2.a'] : ['2.from']);
  expect(faults).toMatchObject(expected === null ? [] : [{ step: 'a', path: 'args.ids' }]);
  if (expected !== null) expect(faults[0]?.expected).toContain(expected);
});

test("a path must fit the fallback's result too", async () => {
  const fallback = { tool: 'metric.aggregate', args: { query: 'db' } };
  await admission.offer({ ...step('from'), tool: 'ci.list_preview', on_error: 'fallback', fallback });
  await admission.offer(step('a', { query: 'of ${from.overall.value}' }));
  await admission.offer(step('b', { query: 'of ${from.items[0].id}' }));
  expect(admission.takeFaults()).toMatchObject([
    { step: 'a', path: 'args.query', expected: 'one of the fields items in the result of metric.aggregate' },
  ]);
  expect(ids()).toEqual(['2.from', '2.b']);
});

test('a duplicate id and a cycle are told; the others go on', async () => {
  for (const raw of [
    step('ok'),
    step('ok'),
    step('ok', { query: 'cache' }),
    step('x', { query: { $from: 'y' } }),
    step('y', { query: { $from: 'x' } }),
  ])
    await admission.offer(raw);
  expect(ids()).toEqual(['2.ok']);
  expect(admission.takeFaults().map((fault) => [fault.step, fault.expected])).toEqual([
    ['ok', 'an id of its own'],
    ['x', 'no cycle between steps'],
    ['y', 'no cycle between steps'],
  ]);
});

test('a step that waits for a faulty one comes when that one is mended', async () => {
  await admission.offer(step('later', { query: { $from: 'bad', path: 'name' } }));
  await admission.offer(step('bad', {}));
  expect(admission.takeFaults().map((fault) => fault.step)).toEqual(['bad']);
  await admission.offer(step('bad'));
  expect(ids()).toEqual(['2.bad', '2.later']);
});

test('a reference inside a union is left to binding; a bare question is taken', async () => {
  await admission.offer(step('a', { query: 'db', ids: [{ $from: 'deps', path: 'id' }] }));
  await admission.offer(step('q', { question: 'what is down?' }));
  expect(admission.takeFaults()).toEqual([]);
});

test('what the graph refuses is a fault; that the phase is over is not', async () => {
  refuse = new PlanyardError('plan_too_deep');
  await admission.offer(step('a'));
  expect(admission.takeFaults()).toMatchObject([{ step: 'a', expected: 'The plan is too deep' }]);
  refuse = new PlanyardError('stale');
  await expect(admission.offer(step('b'))).rejects.toMatchObject({ code: 'stale' });
});

test('steps of a composition mean each other, though an earlier attempt had one of that name', async () => {
  await admission.offer({ id: 'ctx', tool: 'composition.look', args: { query: 'db ${deps.name}' } });
  expect(admission.takeFaults()).toEqual([]);
  expect(added).toMatchObject([
    { id: '2.ctx__find', data_deps: ['1.deps'] },
    {
      id: '2.ctx__more',
      data_deps: ['2.ctx__find', '1.deps'],
      spec: { args: { query: { $from: '2.ctx__find' } } },
    },
    { id: '2.ctx', data_deps: ['1.deps'], optional_deps: ['2.ctx__find', '2.ctx__more'] },
  ]);
});

test.each([
  [
    'a fallback to a composition',
    { on_error: 'fallback', fallback: { tool: 'composition.look' } },
    'fallback.tool',
  ],
  ['a policy for a composition', { tool: 'composition.look', on_error: 'skip' }, 'on_error'],
  ['a budget for a composition', { tool: 'composition.look', budget: { ms: 5 } }, 'budget'],
  ['tries for a composition', { tool: 'composition.look', retry: { max_tries: 2 } }, 'retry'],
  ['a timeout for a composition', { tool: 'composition.look', timeout_ms: 50 }, 'timeout_ms'],
  ['an id that leaves its steps no room', { id: 'x'.repeat(60), tool: 'composition.look' }, 'id'],
  [
    'a value that its paths do not take',
    { tool: 'composition.look', args: { query: 'db', n: 'x' } },
    'args.n',
  ],
])('%s is told with its place', async (_name, more, path) => {
  await admission.offer(step('ctx', undefined, more));
  expect(admission.takeFaults()).toMatchObject([{ code: 'invalid_step', path }]);
  expect(added).toEqual([]);
});
