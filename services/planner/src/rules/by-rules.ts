import { PlanStep, PlanyardError, stepId, type ToolManifest } from '@planyard/contracts';
import { collectReferences, type JoiningPhase, type Phase, type PlanningPhase } from '@planyard/engine';
import { admitStep } from '../admit-step.ts';
import { concludeFromEvidence } from '../answer/conclude.ts';
import { listed } from '../answer/words.ts';
import type { PlannerDeps } from '../deps.ts';
import { planInfo } from '../plan-info.ts';
import type { RuleStep } from './goals/goal.ts';
import { refusalOf, understand } from './understand.ts';

/** Plans without a model. A question that cannot be mapped ends the run as `not_understood`, with examples from the catalog. */
export async function planByRules(phase: PlanningPhase, tools: ToolManifest[], deps: PlannerDeps) {
  const { catalog, understood } = await understandRun(phase, tools, deps);
  if (!catalog || !understood)
    return await refuse(phase, 'The inventory is empty: load one with `planyard import`.');
  if (understood.steps.length === 0) return await refuse(phase, refusalOf(understood, catalog));
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  await phase.addSteps(
    understood.steps.map((step) => toAdmitted(phase, step, byName.get(step.tool) as ToolManifest)),
  );
  const { question } = phase.record.request;
  await phase.seal({ intent: question.slice(0, 1000), info: planInfo(phase, 'rules') });
}

/** Steps whose results other steps needed and the answer need not tell. */
const SILENT = new Set(['around']);

/** The answer without a model: what the steps gave, as the question is understood. The same plan is made again for what each step was for and how to show it. */
export async function joinByRules(phase: JoiningPhase, deps: PlannerDeps): Promise<void> {
  const { catalog, understood } = await understandRun(phase, await deps.tools(phase.signal), deps);
  const { steps = [], not_understood = [] } = understood ?? {};
  const metrics = catalog?.metrics.map(({ name }) => name) ?? [];
  await concludeFromEvidence(phase, deps, 'rules', null, {
    extract: {
      missing: [
        ...not_understood.map((part) => `Not understood: ${part}`),
        ...withoutSamples(phase, metrics),
      ],
      show: new Map(steps.flatMap((step) => (step.show ? [[step.id, step.show]] : []))),
      silent: SILENT,
    },
  });
}

async function understandRun(phase: Phase, tools: ToolManifest[], deps: PlannerDeps) {
  const { question, options } = phase.record.request;
  const catalogs = await deps.catalogs(phase.record.caller.tenant);
  const catalog = catalogs.find(({ kind }) => kind === 'inventory');
  if (catalog?.kind !== 'inventory') return {};
  const { selector, strategy } = options;
  const [figures, now] = [deps.figures(), new Date(deps.now())];
  const context = { selector, strategy, figures, now, agent: phase.agent };
  return { catalog, understood: understand(question, catalog, tools, context) };
}

function toAdmitted(phase: PlanningPhase, step: RuleStep, manifest: ToolManifest) {
  const { show: _, ...given } = step;
  const spec = PlanStep.parse({ ...given, purpose: step.purpose.slice(0, 500) });
  const references = [...collectReferences(spec.args), ...collectReferences(spec.when, 'when')];
  const data = references.map(({ from }) => stepId(phase.attempt, from));
  return admitStep(phase.attempt, spec, { data, after: [] }, manifest);
}

async function refuse(phase: PlanningPhase, message: string): Promise<void> {
  const error = new PlanyardError('not_understood', message).toBody();
  const nothing = { answer: null, citations: [], missing: [], planner: 'rules' };
  await phase.finish({ status: 'failed', ...nothing, error, plan: planInfo(phase, 'rules') });
}

/** Figures of a metric that none of the items asked about has: another one may be meant than was read. */
function withoutSamples({ steps }: JoiningPhase, metrics: string[]): string[] {
  const asked = steps.filter(({ tool, status }) => /^metric\./.test(tool) && status === 'completed');
  const found = new Set(asked.flatMap(({ spec, result }) => (result?.count ? [spec.args.metric] : [])));
  return asked
    .filter(({ spec }) => !found.has(spec.args.metric))
    .map(({ spec }) => `${spec.purpose}: no samples; metrics recorded here are ${listed(metrics, 20)}`);
}
