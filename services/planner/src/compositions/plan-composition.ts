import { type JsonObject, PlanyardError, RESULTS, stepId, type ToolManifest } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { compositionTools } from '@planyard/planning';
import { admitSpecs } from '../admit-specs.ts';
import type { PlannerDeps } from '../deps.ts';
import { planInfo } from '../plan-info.ts';
import { withinStepBudget } from '../within-step-budget.ts';
import { expandComposition } from './expand-composition.ts';

/** What `planner` of a run says whose plan is a composition. */
export const COMPOSITION_PLANNER = 'composition';

/** A run of one composition: its steps, without a model. A composition that is gone, or a tool of it, ends the run. */
export async function planComposition(
  phase: PlanningPhase,
  { name, parameters }: { name: string; parameters: JsonObject },
  offered: ToolManifest[],
  deps: PlannerDeps,
): Promise<void> {
  const started = withinStepBudget(await phase.started({ planner: COMPOSITION_PLANNER, max_attempts: 1 }));
  const info = planInfo(started, 'composition', { question: name });
  const composition = deps.compositions.get(name);
  const [tool] = composition ? compositionTools([composition], offered) : [];
  if (!composition || !tool) {
    const message = composition
      ? `Live workers do not offer all tools of the composition ${name}`
      : `There is no composition ${name} any more`;
    return await phase.finish({
      status: 'failed',
      answer: null,
      citations: [],
      missing: [],
      planner: COMPOSITION_PLANNER,
      error: new PlanyardError('unknown_tool', message).toBody(),
      plan: info,
    });
  }
  const byName = new Map(offered.map((each) => [each.name, each]));
  const steps = expandComposition(composition, {
    id: RESULTS,
    parameters,
    alone: true,
  });
  const stored = (id: string) => stepId(phase.attempt, id);
  await started.addSteps(admitSpecs(phase.attempt, steps, stored, (each) => byName.get(each)));
  await started.seal({
    intent: composition.description,
    info,
  });
}
