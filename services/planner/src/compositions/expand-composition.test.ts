import type { Composition } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { type ExpandOptions, expandComposition } from './expand-composition.ts';

const composition: Composition = {
  name: 'look',
  description: 'Looks.',
  parameters: {
    query: { type: 'string', description: '' },
    ids: { type: 'array', description: '', default: ['a', 'b'] },
  },
  steps: [
    {
      id: 'find',
      tool: 'ci.search',
      args: { query: { $from: 'params', path: 'query' }, note: 'for ${params.query} of ${params.ids[0]}' },
      purpose: '',
      on_error: 'fail_fast',
    },
    {
      id: 'load',
      tool: 'metric.aggregate',
      args: { ci_ids: { $from: 'find', path: 'items[].id' }, about: '${find.items[0].code}' },
      purpose: 'its load',
      on_error: 'skip',
    },
  ],
};

const expanded = (options: ExpandOptions, of = composition) =>
  expandComposition(of, options).map(({ spec }) => spec);
const first = composition.steps[0] as Composition['steps'][number];

test('alone, the steps keep their names and run in order; parameters are in their places', () => {
  const steps = expanded({
    id: 'result',
    parameters: { query: '${x} $& y' },
    alone: true,
  });
  expect(steps).toMatchObject([
    {
      id: 'find',
      args: { query: '$${x} $& y', note: 'for $${x} $& y of a' },
      after: [],
      on_error: 'fail_fast',
    },
    {
      id: 'load',
      args: { ci_ids: { $from: 'find', path: 'items[].id' }, about: '${find.items[0].code}' },
      after: ['find'],
      on_error: 'skip',
    },
    {
      id: 'result',
      tool: 'composition.collect',
      args: { primary: { $from: 'find' }, enriched: { load: { $from: 'load' } } },
      after: ['load'],
    },
  ]);
});

test('in a plan they are named after it, parameters may refer to other steps, and a failure stays within it', () => {
  const parameters = { query: { $from: 'who', path: 'items[0]' }, ids: { $from: 'who', path: 'ids' } };
  const when = { $from: 'who', path: 'ok' };
  const steps = expanded({ id: 'ctx', parameters, alone: false, when, after: ['who'] });
  expect(steps).toMatchObject([
    {
      id: 'ctx__find',
      args: { query: { $from: 'who', path: 'items[0]' }, note: 'for ${who.items[0]} of ${who.(ids) | [0]}' },
      after: ['who'],
      when,
      on_error: 'isolate',
    },
    { id: 'ctx__load', args: { about: '${ctx__find.items[0].code}' }, after: ['ctx__find'], when },
    { id: 'ctx', args: { enriched: { load: { $from: 'ctx__load' } } } },
  ]);
});

test('alone, parameters are values: what looks like a reference in them is text, or refused', () => {
  const options = { id: 'result', alone: true };
  const of = { ...composition, steps: [{ ...first, args: { all: { $from: 'params', path: 'ids' } } }] };
  const [only] = expanded({ ...options, parameters: { ids: [{ a: 'of ${find.x}' }] } }, of);
  expect(only?.args).toEqual({ all: [{ a: 'of $${find.x}' }] });
  const reference = { ids: [{ $from: 'find' }] };
  expect(() => expanded({ ...options, parameters: reference }, of)).toThrow('not a reference');
});

test('in a plan, templates stay templates wherever they are put; defaults are values in any case', () => {
  const parameters = {
    ...composition.parameters,
    about: { type: 'string' as const, description: '', default: '${q}' },
  };
  const args = { whole: { $from: 'params', path: 'query' }, text: '${params.query}, ${params.about}' };
  const of = { ...composition, parameters, steps: [{ ...first, args }] };
  const [only] = expanded({ id: 'ctx', alone: false, parameters: { query: 'of ${who.name} for $${5}' } }, of);
  expect(only?.args).toEqual({
    whole: 'of ${who.name} for $${5}',
    text: 'of ${who.name} for $${5}, $${q}',
  });
});

test('a condition on parameters reads a step that holds them, and one of its own comes on top of the whole composition’s', () => {
  const when = { $from: 'params', path: "query == 'x'" };
  const of = { ...composition, steps: [first, { ...first, id: 'more', when }] };
  const outer = { $from: 'who', path: 'ok' };
  const parameters = { query: { $from: 'who', path: 'name' } };
  const steps = expandComposition(of, { id: 'ctx', parameters, alone: false, when: outer, after: ['b'] });
  expect(steps).toMatchObject([
    {
      spec: {
        id: 'ctx__params',
        args: { enriched: { query: { $from: 'who', path: 'name' }, ids: ['a', 'b'] } },
        when: outer,
        after: ['b'],
      },
      needs: ['who'],
    },
    { spec: { id: 'ctx__find', after: ['ctx__params'] }, needs: ['who', 'ctx__params'] },
    { spec: { when: { $from: 'ctx__params', path: "enriched | query == 'x'" } } },
    { spec: { id: 'ctx' }, needs: ['who', 'ctx__params'], optional: ['ctx__find', 'ctx__more'] },
  ]);
  expect(steps[1]?.spec.when).toBeUndefined();
});

test.each([
  ['a name that leaves no room', { id: 'x'.repeat(60) }, {}, 'id'],
  ['a path that a value does not take', {}, { ids: 7 }, 'args.ids'],
])('%s is told with its place', (_name, more, parameters, path) => {
  const args = { n: { $from: 'params', path: 'ids | length(@)' } };
  const of = { ...composition, steps: [{ ...first, args }] };
  const options = { id: 'ctx', alone: false, parameters: { query: 'x', ids: ['a'], ...parameters }, ...more };
  expect(() => expanded(options, of)).toThrow(
    expect.objectContaining({ code: 'invalid_step', errors: [expect.objectContaining({ path })] }),
  );
});
