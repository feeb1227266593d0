import {
  attemptOf,
  COLLECT_TOOL,
  PARAMETERS,
  PlanInfo,
  type RunResponse,
  type StepId,
} from '@planyard/contracts';
import type { PersistPhase, StepState } from '@planyard/engine';
import type { EndedPlan } from '@planyard/store';

/** What is noted of a run's first plan, or of a failure that came before there was one; null for a run that was answered, or cancelled, without. */
export function endedPlan(
  { state, outcome, steps }: Pick<PersistPhase, 'state' | 'outcome' | 'steps'>,
  response: RunResponse,
): EndedPlan | null {
  const plan = state.plan ?? outcome.plan ?? (outcome.status === 'failed' ? unplanned(state) : null);
  if (!plan) return null;
  // A rerun takes over what several attempts had planned. Else an earlier attempt is one that its planner left behind.
  const isOf = (step: StepState) =>
    plan.source === 'rerun' ? attemptOf(step.id) <= plan.attempt : attemptOf(step.id) === plan.attempt;
  const planned = asPlanned(steps.filter(isOf));
  const cited = new Set<StepId>(outcome.citations.map(({ step }) => step));
  const isGood = outcome.status === 'completed' && state.attempt === plan.attempt;
  // What nobody waited for is no fault of the plan, nor of the one that was taken over.
  const isBlamed = !isGood && outcome.status !== 'cancelled';
  return {
    intent: plan.wants,
    agent: state.agent,
    prompt: plan.prompt,
    source: plan.source,
    repairs: plan.repairs,
    status: outcome.status,
    error: outcome.error?.code ?? null,
    steps_planned: planned.length,
    steps_useful: planned.filter(
      ({ step, parts }) =>
        step.status === 'completed' && (cited.has(step.id) || parts.some((id) => cited.has(id))),
    ).length,
    cost_usd: response.usage.cost_usd,
    latency_ms: response.timings.total_ms,
    created_at: response.timings.created_at,
    reuse: isGood || isBlamed ? plan.reuse : null,
    reusable: isGood && plan.reuse !== null,
    evicts: isBlamed ? plan.reused_from : null,
  };
}

/** Of a run that broke off before its planner could say what it would plan. */
function unplanned({ record: { request }, attempt }: PersistPhase['state']): PlanInfo {
  const source = request.rerun ? 'rerun' : request.composition ? 'composition' : 'model';
  return PlanInfo.parse({ source, attempt });
}

/** A composition is one step to a plan, whatever its own steps are: the one that gathers what they gave stands for them. */
function asPlanned(steps: StepState[]): { step: StepState; parts: StepId[] }[] {
  const partsOf = ({ id, tool, admitted }: StepState): StepId[] => {
    if (tool !== COLLECT_TOOL) return [];
    const holdsParameters = [`${attemptOf(id)}.${PARAMETERS}`, `${id}__${PARAMETERS}`];
    const gate = admitted.data_deps.filter((dependency) => holdsParameters.includes(dependency));
    return [...(admitted.optional_deps ?? []), ...gate];
  };
  const all = steps.map((step) => ({ step, parts: partsOf(step) }));
  const inside = new Set(all.flatMap(({ parts }) => parts));
  return all.filter(({ step }) => !inside.has(step.id));
}
