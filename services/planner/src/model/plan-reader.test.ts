import { expect, test } from 'vitest';
import { createPlanReader } from './plan-reader.ts';

function read(text: string, size: number) {
  const reader = createPlanReader();
  const steps: unknown[] = [];
  for (let at = 0; at < text.length; at += size) steps.push(...reader.write(text.slice(at, at + size)));
  reader.end();
  return { steps, intent: reader.intent, answer: reader.answer, broken: reader.broken };
}

const PLAN = '{"intent":"x","steps":[{"id":"a","args":{"q":"} \\" {"}},{"id":"b"}]}';
const STEPS = [{ id: 'a', args: { q: '} " {' } }, { id: 'b' }];

const CASES: [name: string, text: string, steps: unknown[], broken: string | null][] = [
  ['bare', PLAN, STEPS, null],
  ['fenced', `Here is it:\n\`\`\`json\n${PLAN}\n\`\`\`\nDone {really}.`, STEPS, null],
  ['after prose with braces', `I {think} so: {} and {"a": 1} then ${PLAN}`, STEPS, null],
  ['two documents', `${PLAN}\n{"intent":"y","steps":[{"id":"c"}]}`, STEPS, null],
  ['no plan', 'I cannot do that. {sorry}', [], 'there is no plan in the reply'],
  ['cut off', PLAN.slice(0, -4), [STEPS[0]], 'the plan was cut off before its end'],
];

test.each(CASES)('%s: the same steps whatever the chunks', (_name, text, steps, broken) => {
  for (const size of [1, 2, 3, 5, 8, 13, text.length]) {
    const got = read(text, size);
    expect(got.steps).toEqual(steps);
    expect(got.broken).toBe(broken);
  }
});

test('a trailing comma is told, and the steps before it are kept', () => {
  const got = read('{"steps":[{"id":"a"},]}', 4);
  expect(got.steps).toEqual([{ id: 'a' }]);
  expect(got.broken).toMatch(/Unexpected/);
});

test('an answer without steps', () => {
  expect(read('{"intent":"greet","steps":[],"answer":"Hello {you}"}', 3)).toEqual({
    steps: [],
    intent: 'greet',
    answer: 'Hello {you}',
    broken: null,
  });
});

test('a step is given at its last byte', () => {
  const reader = createPlanReader();
  expect(reader.write('{"steps":[{"id":"a"')).toEqual([]);
  expect(reader.write('}')).toEqual([{ id: 'a' }]);
});
