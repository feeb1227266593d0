import type { RunOutcome } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';

const MARK =
  /\[((?:\d+\.)?[A-Za-z][\w-]*(?:[:#][^[\],\s]+)?(?:,\s*(?:\d+\.)?[A-Za-z][\w-]*(?:[:#][^[\],\s]+)?)*)\]/g;

/** The citations of an answer's marks, `[1.owner]` or `[1.owner:ci_12]`: those that name a completed step, each once. A record that the step does not hold is dropped, the step kept. */
export function citationsOf(answer: string, steps: StepState[]): RunOutcome['citations'] {
  const completed = steps.filter((step) => step.status === 'completed');
  const citations = new Map<string, RunOutcome['citations'][number]>();
  for (const [, marks] of answer.matchAll(MARK))
    for (const mark of (marks ?? '').split(',')) {
      const [name = '', record] = mark.trim().split(/[:#](.*)/);
      const step = completed.findLast(({ id }) => id === name || id.slice(id.indexOf('.') + 1) === name);
      if (!step) continue;
      const known = step.result?.records.some((each) => each.id === record);
      citations.set(`${step.id} ${known ? record : ''}`, {
        step: step.id,
        ...(known && record ? { record_id: record } : {}),
      });
    }
  return [...citations.values()];
}
