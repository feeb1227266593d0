import type { JoiningPhase } from '@planyard/engine';
import { concludeFromEvidence } from '../answer/conclude.ts';
import type { PlannerDeps } from '../deps.ts';
import { inventoryOf, understandRun } from './plan-by-rules.ts';

/** Steps whose results other steps needed and the answer need not tell. */
const SILENT = new Set(['around', 'density']);

/** The answer without a model: what the steps gave, as the question is understood. */
export async function joinByRules(phase: JoiningPhase, deps: PlannerDeps): Promise<void> {
  const catalog = await inventoryOf(phase, deps);
  const tools = await deps.tools(phase.signal);
  const understood = catalog ? understandRun(phase, catalog, tools, deps) : null;
  const show = new Map(understood?.steps.flatMap((step) => (step.show ? [[step.id, step.show]] : [])));
  await concludeFromEvidence(phase, deps, 'rules', null, {
    extract: {
      notes: understood?.notes ?? [],
      missing: (understood?.not_understood ?? []).map((part) => `Not understood: ${part}`),
      show,
      silent: SILENT,
    },
  });
}
