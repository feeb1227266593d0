import type { Composition } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { expandComposition } from './expand-composition.ts';

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

test('alone, the steps keep their names and run in order; parameters are in their places', () => {
  const steps = expandComposition(composition, {
    id: 'result',
    parameters: { query: '${x} $& y' },
    alone: true,
  });
  expect(steps).toMatchObject([
    {
      id: 'find',
      args: { query: '${x} $& y', note: 'for $${x} $& y of a' },
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
  const steps = expandComposition(composition, { id: 'ctx', parameters, alone: false, when, after: ['who'] });
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
