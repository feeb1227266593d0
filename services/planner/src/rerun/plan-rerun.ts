import { PlanyardError, type RerunOf, type ToolManifest } from '@planyard/contracts';
import type { CopiedStep, PlanningPhase, StartedAttempt } from '@planyard/engine';
import { divideSteps } from '@planyard/planning';
import type { ArchivedGraph } from '@planyard/store';
import { actAs, agentNamed } from '../agent/acting-agent.ts';
import { COMPOSITION_PLANNER } from '../compositions/plan-composition.ts';
import type { PlannerDeps } from '../deps.ts';
import { planInfo } from '../plan-info.ts';
import { readmitStep } from './readmit-step.ts';

/** The epoch of a copied step's result: none of this run's own begins has it. */
const COPIED_EPOCH = 0;

/** Whether this attempt takes over the plan of the run that is run again: not once that is in the graph, for it enters whole. */
export function takesOverPlan({ steps }: PlanningPhase): boolean {
  return steps.every(({ copied_from }) => copied_from !== null);
}

/**
 * Plans a run that runs another one again, without a model: what does not depend on the chosen step is copied as it
 * ended, the others enter the graph anew. All of it can be repeated by a planner that takes over.
 */
export async function planRerun(
  phase: PlanningPhase,
  rerun: RerunOf,
  offered: ToolManifest[],
  deps: PlannerDeps,
): Promise<void> {
  const { tenant } = phase.record.caller;
  const graph = await deps.reruns.readGraph(tenant, rerun.run_id);
  if (!graph) throw new PlanyardError('not_found', `Run ${rerun.run_id} is gone: it cannot be run again`);
  const started = await phase.started(attemptAs(phase, graph, offered, deps));
  const { copied, anew } = divideSteps(graph.steps, rerun.from);
  await started.copySteps(await Promise.all(copied.map((step) => copyStep(phase, rerun, step, deps))));
  const ids = graph.steps.map(({ view }) => view.id);
  const steps = anew.map(({ view, definition }) =>
    readmitStep(definition.admitted, view.id === rerun.from ? rerun.args : null, ids, offered),
  );
  await started.sealWith(steps, {
    intent: graph.intent,
    info: planInfo(started, 'rerun'),
  });
}

/** Who plans what comes after, should the results not do: the agent that answered. */
function attemptAs(
  phase: PlanningPhase,
  { agent, planner }: ArchivedGraph,
  offered: ToolManifest[],
  deps: PlannerDeps,
): StartedAttempt {
  if (phase.record.request.composition) return { planner: COMPOSITION_PLANNER, max_attempts: 1 };
  if (!deps.model || agent === null) return { planner: planner ?? 'rules', agent };
  const acting = actAs(agentNamed(agent, deps), offered, phase, deps);
  return {
    planner: planner ?? 'model',
    agent: acting.agent.name,
    strategy: acting.agent.strategy,
    max_attempts: acting.max_attempts,
    budget: acting.agent.budget,
  };
}

async function copyStep(
  phase: PlanningPhase,
  { run_id: parent }: RerunOf,
  { view, result_epoch, definition }: ArchivedGraph['steps'][number],
  deps: PlannerDeps,
): Promise<CopiedStep> {
  if (result_epoch !== null)
    await deps.reruns.copyResult(
      phase.record.caller.tenant,
      { run_id: parent, step_id: view.id, epoch: result_epoch },
      { run_id: phase.run_id, step_id: view.id, epoch: COPIED_EPOCH },
    );
  const about = { bytes: view.result_bytes ?? 0, count: view.result_count, records: view.records };
  const result = {
    ...about,
    ...(result_epoch === null ? { value: view.result } : { stored: { epoch: COPIED_EPOCH } }),
  };
  return {
    ...definition,
    status: view.status as CopiedStep['status'],
    reason: view.reason,
    tool: view.tool,
    fallback_used: view.fallback_used,
    bound_args: view.bound_args,
    result: view.status === 'completed' ? result : null,
    error: view.error,
    approval: view.approval ?? null,
    copied_from: view.copied_from ?? parent,
  };
}
