import type { StepView } from '@planyard/contracts';
import { type BegunStep, collectReferences, type StepState, toStepView } from '@planyard/engine';
import type { WorkerStore } from '../registry/worker-store.ts';
import type { RunStepDeps } from './deps.ts';

/** What a tool gets for a call of this step. */
export function storeOf(
  { db, engine, now }: Pick<RunStepDeps, 'db' | 'engine' | 'now'>,
  step: BegunStep,
): WorkerStore {
  return { db, tenant: step.caller.tenant, now: now(), sources: () => sourcesOf(engine, step) };
}

async function sourcesOf(
  engine: RunStepDeps['engine'],
  { run_id, args, deps }: BegunStep,
): Promise<StepView[]> {
  const read = new Set(collectReferences(args).map(({ from }) => from));
  // What it only waits for gives it nothing.
  const ids = Object.keys(deps).filter((id) => read.has(id) || read.has(id.slice(id.indexOf('.') + 1)));
  const steps = await Promise.all(ids.map((id) => engine.readStep(run_id, id)));
  return steps
    .filter((step) => step !== null)
    .sort((a, b) => (a.ended_at ?? 0) - (b.ended_at ?? 0) || dependence(a, b))
    .map(toStepView);
}

/** Of two that ended in the same millisecond the one that waited for the other comes after it. */
function dependence(a: StepState, b: StepState): number {
  return Number(a.depends_on.includes(b.id)) - Number(b.depends_on.includes(a.id));
}
