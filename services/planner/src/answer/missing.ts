import { COLLECT_TOOL, type RefusedStep } from '@planyard/contracts';
import type { JoiningPhase, PlanningPhase, StepState } from '@planyard/engine';
import type { FinishReason } from '@planyard/llm';

const NAMED = 20;

/**
 * One sentence for each step that failed or was stopped and that no later one replaced, and for each that was refused.
 * A completed step of a later attempt replaces it when it has the same name or calls the same tool, or is the same composition.
 */
export function missingOf({
  steps,
  refused = [],
}: {
  steps: StepState[];
  refused?: RefusedStep[];
}): string[] {
  return [
    ...steps.filter((step) => isLoss(step) && !isReplaced(step, steps)).map(sentenceOf),
    ...refused.slice(0, NAMED).map(refusalOf),
    ...(refused.length > NAMED ? [`${refused.length - NAMED} more steps of the plan were refused`] : []),
  ];
}

/** What the end of its time took from a run: nobody knows what else it would have done. */
export function cutShort(phase: PlanningPhase | JoiningPhase): string[] {
  if (!('must_conclude' in phase) || phase.must_conclude !== 'deadline') return [];
  return ['the deadline of the run passed before it was done'];
}

/** What an answer lacks by the way its model ended it. */
export function brokenOff(finish: FinishReason): string[] {
  switch (finish) {
    case 'length':
      return ['the answer broke off at the limit of its length'];
    case 'content_filter':
      return ['the answer broke off at a content filter'];
    case 'stop':
    case 'tool_calls':
      return [];
  }
}

function isLoss(step: StepState): boolean {
  if (step.status === 'failed') return true;
  // What a newer plan made useless was not lost.
  if (step.status === 'aborted') return step.reason !== 'superseded';
  return step.status === 'skipped' && step.reason !== 'condition';
}

function isReplaced(step: StepState, steps: StepState[]): boolean {
  return steps.some(
    (later) =>
      later.attempt > step.attempt &&
      later.status === 'completed' &&
      (later.spec.id === step.spec.id || isSameCall(later, step)),
  );
}

/** One tool gathers the results of all compositions: which one it is its purpose tells. */
function isSameCall(one: StepState, other: StepState): boolean {
  return one.tool === other.tool && (one.tool !== COLLECT_TOOL || one.spec.purpose === other.spec.purpose);
}

function sentenceOf(step: StepState): string {
  const what = step.spec.purpose || `${step.tool} (${step.id})`;
  switch (step.status) {
    case 'failed':
      return `${what}: failed, ${step.error?.message ?? 'without a reason'}`;
    case 'skipped':
      return `${what}: not done, because a step it depends on gave nothing`;
    default:
      return `${what}: stopped${step.reason ? ` (${step.reason})` : ''}`;
  }
}

function refusalOf({ step, code, message }: RefusedStep): string {
  return `${step === '' ? 'the rest of the plan' : `step ${step} of the plan`} was refused: ${code}, ${message}`;
}
