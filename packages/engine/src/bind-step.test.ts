import type { Json, JsonObject } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { bindStep } from './bind-step.ts';
import { admit } from './engine-harness.ts';
import { checkPath, collectReferences, parseTemplate } from './references.ts';
import type { BegunStep } from './step-execution.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    ids: { type: 'array', items: { type: 'string' } },
    owner: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    limit: { type: 'integer' },
    q: { type: 'string' },
    nested: { $ref: '#/$defs/Nested' },
  },
  required: ['ids'],
  $defs: { Nested: { type: 'object', properties: { deep: { type: ['integer', 'null'] } } } },
};

const RESULTS: Record<string, Json | undefined> = {
  '1.deps': {
    nodes: [
      { id: 'a', load: 0.5 },
      { id: 'b', load: 0.9 },
    ],
    total: 2,
    none: null,
  },
  '1.large': 'x'.repeat(1024 * 1024),
  '1.gone': undefined,
};

function step(args: JsonObject, when?: { $from: string; path?: string }): BegunStep {
  const { spec } = admit(1, { id: 's', args, when });
  const deps: BegunStep['deps'] = {};
  for (const [id, value] of Object.entries(RESULTS))
    deps[id] =
      value === undefined
        ? { status: 'none' }
        : { status: 'completed', result: { value, bytes: 1, count: null, records: [] } };
  return { spec, args: spec.args, deps, is_fallback: false, frozen_args: null } as unknown as BegunStep;
}

const bind = (args: JsonObject, when?: { $from: string; path?: string }) =>
  bindStep(step(args, when), SCHEMA, async () => {
    throw new Error('nothing is stored');
  });

test('references give whole typed values; templates give text', async () => {
  expect(
    await bind({
      ids: { $from: 'deps', path: 'nodes[].id' },
      limit: { $from: 'deps', path: 'total' },
      q: 'of ${deps.nodes[0].id}: ${deps.nodes[*].load} $${kept} ${deps.{t: total}}',
    }),
  ).toEqual({ run: true, args: { ids: ['a', 'b'], limit: 2, q: 'of a: [0.5,0.9] ${kept} {"t":2}' } });
});

const TEN = '`[0,1,2,3,4,5,6,7,8,9]`';
const nested = (inner: string, wrap: (inner: string) => string): string =>
  Array.from({ length: 9 }).reduce<string>((text) => wrap(text), inner);

test.each([
  ['doubles its list at every stage', Array(40).fill('[@,@][]').join('|'), 'it takes too'],
  ['holds the same list many times over', Array(40).fill('[@,@]').join('|'), 'yields more than'],
  ['nests projections', nested('@', (inner) => `${TEN}[*].[${inner}]`), 'it takes too'],
  ['nests functions', nested('@', (inner) => `map(&${inner}, ${TEN})`), 'it takes too'],
  [
    'nests below a let',
    `let $ten = ${TEN} in ${nested('@', (inner) => `$ten[*].[${inner}]`)}`,
    'it takes too',
  ],
  ['pads a text', "pad_left('x', `100000000`)", 'it takes too'],
])('a path that %s is refused before it holds up its process', async (_what, path, why) => {
  await expect(bind({ ids: { $from: 'deps', path } })).rejects.toMatchObject({
    code: 'invalid_reference',
    message: expect.stringContaining(why),
  });
});

test('what all references of a step yield together has a limit', async () => {
  const yields = (count: number) => bind({ ids: [], q: '${large}'.repeat(count) });
  await expect(yields(65)).rejects.toMatchObject({ code: 'invalid_reference' });
  expect(await yields(2)).toMatchObject({ run: true });
});

test('a path that yields null is an error at the argument, unless its schema allows null', async () => {
  await expect(bind({ ids: [{ $from: 'deps', path: 'none' }] })).rejects.toMatchObject({
    code: 'null_reference',
    errors: [{ path: 'args.ids[0]' }],
  });
  expect(
    await bind({
      ids: [],
      owner: { $from: 'deps', path: 'missing' },
      nested: { deep: { $from: 'deps', path: 'none' } },
    }),
  ).toEqual({
    run: true,
    args: { ids: [], owner: null, nested: { deep: null } },
  });
});

test('from a step without a result: an optional argument is omitted, a required one fails the step', async () => {
  expect(
    await bind({ ids: [], limit: { $from: 'gone', path: 'bad path that is never [evaluated' } }),
  ).toEqual({ run: true, args: { ids: [] } });
  await expect(bind({ ids: { $from: 'gone' } })).rejects.toMatchObject({ code: 'null_dependency' });
  await expect(bind({ ids: [], q: 'x ${gone.id}' })).rejects.toMatchObject({ code: 'null_dependency' });
});

test('`when` has JMESPath truth', async () => {
  expect(await bind({ ids: [] }, { $from: 'deps', path: 'length(nodes) > `5`' })).toEqual({ run: false });
  expect(await bind({ ids: [] }, { $from: 'deps', path: 'nodes[?load > `1`]' })).toEqual({ run: false });
  expect(await bind({ ids: [] }, { $from: 'deps', path: 'total' })).toMatchObject({ run: true });
  expect(await bind({ ids: [] }, { $from: 'gone' })).toEqual({ run: false });
});

test('arguments cannot reach a prototype', async () => {
  const bound = await bind(
    JSON.parse('{"ids": [], "__proto__": {"polluted": {"$from": "deps", "path": "total"}}}'),
  );
  expect(bound.run && Object.getPrototypeOf(bound.args)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('malformed references are found with their place', () => {
  expect(collectReferences({ a: [{ $from: 'x' }, 'load of ${y.z}'] })).toEqual([
    { from: 'x', path: null, at: 'args.a[0]' },
    { from: 'y', path: 'z', at: 'args.a[1]' },
  ]);
  expect(() => collectReferences({ a: { $from: 'x', pth: 'y' } })).toThrow(/args\.a/);
  expect(() => collectReferences({ a: 'open ${x.y' })).toThrow(/not closed/);
  expect(() => collectReferences({ a: '${ }' })).toThrow(/no step/);
  expect(checkPath('nodes[')).not.toBeNull();
  expect(checkPath('nodes[].id')).toBeNull();
  expect(parseTemplate("${1.deps.nodes[?id == '}'].id}")).toEqual([
    { from: '1.deps', path: "nodes[?id == '}'].id" },
  ]);
});
