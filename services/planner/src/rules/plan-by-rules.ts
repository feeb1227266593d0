import {
  type InventoryCatalog,
  PlanStep,
  PlanyardError,
  stepId,
  type ToolManifest,
} from '@planyard/contracts';
import { collectReferences, type Phase, type PlanningPhase } from '@planyard/engine';
import { admitStep } from '../admit-step.ts';
import type { PlannerDeps } from '../deps.ts';
import { planInfo } from '../plan-info.ts';
import type { RuleStep } from './goals/goal.ts';
import { refusalOf, type Understood, understand } from './understand.ts';

/** Plans without a model. A question that cannot be mapped ends the run as `not_understood`, with examples from the catalog. */
export async function planByRules(
  phase: PlanningPhase,
  tools: ToolManifest[],
  deps: PlannerDeps,
): Promise<void> {
  const catalog = await inventoryOf(phase, deps);
  if (!catalog) return await refuse(phase, 'The inventory is empty: load one with `planyard import`.');
  const understood = understandRun(phase, catalog, tools, deps);
  if (understood.steps.length === 0) return await refuse(phase, refusalOf(understood, catalog));
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  await phase.addSteps(
    understood.steps.map((step) => toAdmitted(phase, step, byName.get(step.tool) as ToolManifest)),
  );
  const { question } = phase.record.request;
  await phase.seal({ intent: question.slice(0, 1000), info: planInfo(phase, 'rules') });
}

/** The same plan again, for the answer: what each step was for and how to show it. */
export function understandRun(
  phase: Phase,
  catalog: InventoryCatalog,
  tools: ToolManifest[],
  deps: Pick<PlannerDeps, 'now' | 'figures'>,
): Understood {
  const { question, options } = phase.record.request;
  return understand(question, catalog, tools, {
    selector: options.selector,
    strategy: options.strategy,
    figures: deps.figures(),
    now: new Date(deps.now()),
    agent: phase.agent,
  });
}

export async function inventoryOf(phase: Phase, deps: PlannerDeps): Promise<InventoryCatalog | null> {
  const catalogs = await deps.catalogs(phase.record.caller.tenant);
  return catalogs.find((catalog) => catalog.kind === 'inventory') ?? null;
}

function toAdmitted(
  phase: PlanningPhase,
  { id, tool, args, purpose, when }: RuleStep,
  manifest: ToolManifest,
) {
  const spec = PlanStep.parse({ id, tool, args, purpose: purpose.slice(0, 500), ...(when ? { when } : {}) });
  const names = [...collectReferences(spec.args), ...collectReferences(spec.when, 'when')].map(
    (found) => found.from,
  );
  const data = names.map((name) => stepId(phase.attempt, name));
  return admitStep(phase.attempt, spec, { data, after: [] }, manifest);
}

async function refuse(phase: PlanningPhase, message: string): Promise<void> {
  await phase.finish({
    status: 'failed',
    answer: null,
    citations: [],
    missing: [],
    planner: 'rules',
    error: new PlanyardError('not_understood', message).toBody(),
    plan: planInfo(phase, 'rules'),
  });
}
