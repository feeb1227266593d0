import type { RefusedStep } from '@planyard/contracts';
import type { PlanFault } from './plan-fault.ts';

const MESSAGE = 300;

/** Keeps account of the steps that were planned and did not get into the graph. */
export interface Refusals {
  refuse(fault: PlanFault): void;
  /** A step of this id is in the graph after all. */
  mend(step: string): void;
  /** What is told from here on belongs to the next reply. */
  nextReply(): void;
  /** One entry a step, the last one told. */
  list(): RefusedStep[];
}

export function createRefusals(): Refusals {
  const lost = new Map<string, RefusedStep>();
  /** Their ids are in the graph, for other steps: only a reply that does not repeat them mends them. */
  const duplicates = new Map<string, RefusedStep>();
  let fresh = false;

  return {
    refuse(fault) {
      if (fault.step === '') return;
      if (fault.code !== 'duplicate_step') lost.set(fault.step, toRefused(fault));
      else {
        if (fresh) duplicates.clear();
        fresh = false;
        duplicates.set(fault.step, toRefused(fault));
      }
    },
    mend: (step) => void lost.delete(step),
    nextReply: () => {
      fresh = true;
    },
    list: () => [...lost.values(), ...duplicates.values()],
  };
}

function toRefused({ step, code, path, expected, got }: PlanFault): RefusedStep {
  const where = path === '' ? '' : `${path}: `;
  return { step, code, message: `${where}${expected}; got ${got}`.slice(0, MESSAGE) };
}
