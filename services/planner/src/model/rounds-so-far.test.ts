import type { Json } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';
import { expect, test } from 'vitest';
import { CHARS_PER_TOKEN, digestSteps } from './digest.ts';
import { roundsSoFar } from './rounds-so-far.ts';

const step = (id: string, tool: string, args: Json, attempt = 1) =>
  ({
    id: `${attempt}.${id}`,
    tool,
    attempt,
    status: 'completed',
    bound_args: args,
    error: null,
    reason: null,
    spec: { id, purpose: '', args },
  }) as unknown as StepState;

const callsIn = (steps: StepState[]) =>
  roundsSoFar(steps, new Map(), 1_000).flatMap((message) =>
    message.role === 'assistant' ? (message.tool_calls ?? []) : [],
  );

test('a history holds no collected results, long arguments cut to an object, and ids that providers take', () => {
  const calls = callsIn([
    step('a', 'doc.write', { text: 'x'.repeat(50_000) }),
    step('n'.repeat(60), 'ci.get', { id: 'a' }),
    step('all', 'composition.collect', { results: ['x'] }),
  ]);
  expect(calls.map(({ name }) => name)).toEqual(['doc__write', 'ci__get']);
  expect(calls[0]?.arguments.length).toBeLessThan(5_000);
  expect(JSON.parse(calls[0]?.arguments ?? '')).toBeTypeOf('object');
  expect(calls[1]?.id.length).toBeLessThanOrEqual(40);
  expect(calls[1]?.id).not.toBe(callsIn([step('n'.repeat(61), 'ci.get', {})])[0]?.id);
});

test('an attempt of which only collecting is left makes no turn without calls', () => {
  expect(callsIn([step('all', 'composition.collect', {})])).toEqual([]);
  expect(roundsSoFar([step('all', 'composition.collect', {})], new Map(), 100)).toEqual([]);
});

test.each([4_000, 24_000])('200 steps are told within %i tokens', (tokens) => {
  const steps = Array.from({ length: 200 }, (_, n) => step(`s${n}`, 'ci.get', { id: 'x'.repeat(600) }));
  const values = new Map<string, Json>(steps.map(({ id }) => [id, { text: 'y'.repeat(2_000) }]));
  const text = digestSteps(steps, values, tokens);
  expect(text.length).toBeLessThanOrEqual(tokens * CHARS_PER_TOKEN + 100);
  expect(text).toContain('[1.s50]');
  if (tokens === 24_000) expect(text).toContain('[1.s199]');
});

test('what a composition collects takes no room from the results of its steps', () => {
  const steps = [
    step('ctx__find', 'ci.get', {}),
    step('ctx', 'composition.collect', { find: 'z'.repeat(900) }),
  ];
  const values = new Map<string, Json>([
    ['1.ctx__find', 'y'.repeat(2_500)],
    ['1.ctx', { find: 'y'.repeat(2_500) }],
  ]);
  const text = digestSteps(steps, values, 1_000);
  expect(text).toContain('y'.repeat(2_500));
  expect(text).not.toContain('z');
});
