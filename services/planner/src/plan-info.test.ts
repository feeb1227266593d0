import { expect, test } from 'vitest';
import { planInfo } from './plan-info.ts';

const phase = {
  attempt: 2,
  record: { request: { question: 'Who refunds MRI-1?' } },
} as unknown as Parameters<typeof planInfo>[0];

const kept = (text: string) =>
  planInfo(phase, 'model', {
    reuse: {
      key: 'k',
      scope: 's',
      question: 'q',
      vector: null,
      steps: [{ id: 'a', tool: 'doc.write', args: { text } }],
    } as unknown as NonNullable<ReturnType<typeof planInfo>['reuse']>,
  }).reuse;

test('a plan over 256 KiB is not kept', () => {
  expect(kept('x')).not.toBeNull();
  expect(kept('x'.repeat(256 * 1024))).toBeNull();
});

test('what a question wants may be an intent of the agent; a plan names its attempt', () => {
  expect(planInfo(phase, 'model')).toMatchObject({ wants: 'lookup', attempt: 2 });
  const intents = { refund: { cues: ['refunds'], tools: ['shop.refund'] } };
  expect(planInfo(phase, 'model', { intents })).toMatchObject({ wants: 'refund' });
});
