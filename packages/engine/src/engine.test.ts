import { expect, inject, test } from 'vitest';
import { consumeAll, runRecord, testEngine, untilEnd } from './engine-harness.ts';

const redisUrl = inject('redisUrl');

test('a diamond runs each step once, in order, and the run ends', async () => {
  const t = testEngine(redisUrl);
  const order: string[] = [];
  consumeAll(t, {
    steps: [
      { id: 'a' },
      { id: 'b', args: { x: { $from: 'a', path: 'id' } } },
      { id: 'c', args: { x: { $from: 'a' } } },
      { id: 'd', after: ['b', 'c'] },
    ],
    execute: (step) => {
      order.push(step.step);
      return {
        kind: 'completed',
        result: { value: { id: step.step }, bytes: 10, count: null, records: [] },
        bound_args: {},
        cached: false,
      };
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const events = await untilEnd(t.engine, record.id);
  expect(order).toHaveLength(4);
  expect(order[0]).toBe('1.a');
  expect(order[3]).toBe('1.d');
  expect(events.map((event) => event.number)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(0)?.type).toBe('run.accepted');
  expect(events.at(-1)?.type).toBe('run.completed');
});
