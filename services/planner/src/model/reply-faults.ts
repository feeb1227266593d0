import type { ModelError } from '@planyard/llm';
import type { Admission } from './admission.ts';
import type { PlanFault } from './plan-fault.ts';
import type { PlanReader } from './plan-reader.ts';

/** What a model's reply gave besides the steps it brought. */
export interface Reply {
  text: string;
  reader: PlanReader;
  failure: ModelError | null;
  /** `provider/model`; null while nobody did. */
  answered_by: string | null;
}

/** Everything that is wrong with a plan, its steps' faults first: what goes back to the model. */
export function faultsOfReply(
  { reader, failure }: Pick<Reply, 'reader' | 'failure'>,
  admission: Pick<Admission, 'takeFaults' | 'admitted'>,
): PlanFault[] {
  const faults = admission.takeFaults();
  const broken = failure?.message ?? reader.broken;
  if (broken)
    faults.push({
      step: '',
      path: '',
      expected: 'one whole JSON object',
      got: broken,
      code: 'model_bad_reply',
    });
  else if (reader.steps === 0 && admission.admitted.size === 0)
    faults.push({
      step: '',
      path: 'steps',
      expected: 'at least one step, or an answer',
      got: '[]',
      code: 'model_bad_reply',
    });
  return faults;
}
