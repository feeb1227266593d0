import type { JoiningPhase } from '@planyard/engine';
import { concludeFromEvidence } from '../answer/conclude.ts';
import { listed } from '../answer/words.ts';
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
      missing: [
        ...(understood?.not_understood ?? []).map((part) => `Not understood: ${part}`),
        ...withoutSamples(phase, catalog?.metrics.map(({ name }) => name) ?? []),
      ],
      show,
      silent: SILENT,
    },
  });
}

/** Figures of a metric that none of the items asked about has: another one may be meant than was read. */
function withoutSamples({ steps }: JoiningPhase, metrics: string[]): string[] {
  const asked = steps.filter(({ tool, status }) => /^metric\./.test(tool) && status === 'completed');
  const found = new Set(asked.flatMap(({ spec, result }) => (result?.count ? [spec.args.metric] : [])));
  return asked
    .filter(({ spec }) => !found.has(spec.args.metric))
    .map(({ spec }) => `${spec.purpose}: no samples; metrics recorded here are ${listed(metrics, 20)}`);
}
