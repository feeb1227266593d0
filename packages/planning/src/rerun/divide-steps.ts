import type { AdmittedStep, StepId, StepView } from '@planyard/contracts';

/** A step of an ended run, as the archive has it. */
export interface EndedStep {
  view: Pick<StepView, 'id' | 'status' | 'reason'>;
  definition: { admitted: Pick<AdmittedStep, 'data_deps' | 'after_deps'> };
}

/** Steps that were stopped for these reasons have not ended by themselves. */
const CUT_SHORT = new Set<StepView['reason']>(['cancelled', 'deadline', 'fail_fast', 'run_ended']);

/**
 * Which steps of an ended run are run anew from one of its steps on, and which are copied as they ended: anew is that
 * step (null: each), what was cut short, and whatever depends on those by data or order, in any attempt. What a
 * restarted attempt left behind is copied: another step has its place. `steps` are in the order in which they were added.
 */
export function divideSteps<S extends EndedStep>(
  steps: readonly S[],
  from: StepId | null,
): { copied: S[]; anew: S[] } {
  const again = new Set<StepId>();
  const isAnew = ({ view: { id, status, reason }, definition: { admitted } }: S): boolean => {
    if (id === from) return true;
    if (status === 'aborted' && reason === 'superseded') return false;
    if (from === null || (status === 'aborted' && CUT_SHORT.has(reason))) return true;
    return [...admitted.data_deps, ...admitted.after_deps].some((dependency) => again.has(dependency));
  };
  const copied: S[] = [];
  const anew: S[] = [];
  for (const step of steps) {
    if (isAnew(step)) {
      again.add(step.view.id);
      anew.push(step);
    } else copied.push(step);
  }
  return { copied, anew };
}
