import { expect, test } from 'vitest';
import { planInfo } from './plan-info.ts';

const kept = (text: string) =>
  planInfo('model', 'q', {
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
