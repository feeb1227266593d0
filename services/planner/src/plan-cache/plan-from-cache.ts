import type { PlanInfo, PlanStep, RefusedStep, RunId } from '@planyard/contracts';
import { fromMemory } from '../from-memory.ts';
import { createAdmission } from '../model/admission.ts';
import { isUnanswered } from '../model/ask-model.ts';
import { formatFault } from '../model/plan-fault.ts';
import type { Unviewed } from '../model/planning.ts';
import { promptsOfPlan } from '../prompts-of-plan.ts';
import { adaptPlan } from './adapt-plan.ts';
import type { KeptPlan } from './kept-plans.ts';
import { planKeyOf } from './plan-key.ts';

/** A plan of an earlier run, in the graph now. */
export interface Reused {
  source: 'cache' | 'similar';
  /** The run that it was planned for. */
  from: RunId;
  intent: string;
  steps: PlanStep[];
  /** Steps that the graph of this run had no room for, as its budget. */
  refused: RefusedStep[];
}

export interface CacheLookup {
  /** What the plan of this run is kept by; null where it may not serve again. */
  reuse: Omit<NonNullable<PlanInfo['reuse']>, 'steps'> | null;
  reused: Reused | null;
}

const NOT_ASKED: CacheLookup = { reuse: null, reused: null };

/**
 * A plan that worked for the same question, as it was; or one that worked for a similar question, its arguments derived
 * anew by a model. A plan that cannot run any more is evicted, and counts as none.
 */
export async function planFromCache(planning: Unviewed): Promise<CacheLookup> {
  const { phase, acting, conversation, deps } = planning;
  const { question, options } = phase.record.request;
  // What was said before, or stands in a picture, is part of a question.
  if (!deps.planCache || !options.plan_cache || phase.attempt > 1 || !conversation.alone) return NOT_ASKED;
  const { tenant } = phase.record.caller;
  const { plans } = deps.planCache;
  const { key, scope } = planKeyOf({
    agent: acting.agent.name,
    tools: acting.tools,
    prompts: [promptsOfPlan(planning, 'graph')],
    question,
  });
  const same = await fromMemory(phase, deps, 'kept plans could not be read', () => plans.find(tenant, key));
  if (same) {
    const reused = await admit(planning, same, same.steps, 'cache');
    if (reused) return { reuse: { key, scope, question, vector: null }, reused };
  }
  const vector = await vectorOf(planning);
  const reuse = { key, scope, question, vector };
  if (!vector) return { reuse, reused: null };
  const similar = await fromMemory(phase, deps, 'kept plans could not be read', () =>
    plans.findSimilar(tenant, scope, vector),
  );
  const adapted = similar ? await adaptPlan(planning, similar) : null;
  const reused = similar && adapted ? await admit(planning, similar, adapted, 'similar') : null;
  return { reuse, reused };
}

/**
 * Puts the steps into the graph if all of them can run; else nothing, and the plan is evicted. What only this run's graph
 * refuses says nothing of the plan: it is told with the rest; null where nothing got in.
 */
async function admit(
  { phase, acting, deps }: Unviewed,
  plan: KeptPlan,
  steps: PlanStep[],
  source: Reused['source'],
): Promise<Reused | null> {
  const dry = createAdmission(
    { ...phase, addSteps: async () => {} },
    acting.tools,
    deps.checkArgs,
    acting.composed,
  );
  for (const step of steps) await dry.offer(step);
  const faults = dry.takeFaults();
  if (faults.length > 0 || dry.admitted.size === 0) {
    deps.log.info({ from: plan.run_id, faults: faults.map(formatFault) }, 'a kept plan cannot run any more');
    const { tenant } = phase.record.caller;
    if (source === 'cache')
      await fromMemory(phase, deps, 'a kept plan could not be evicted', async () =>
        deps.planCache?.plans.evict(tenant, plan.run_id),
      );
    return null;
  }
  const admission = createAdmission(phase, acting.tools, deps.checkArgs, acting.composed);
  for (const step of steps) await admission.offer(step);
  if (admission.admitted.size === 0) return null;
  deps.log.info({ from: plan.run_id, source }, 'a kept plan serves again');
  return {
    source,
    from: plan.run_id,
    intent: phase.record.request.question.slice(0, 1_000),
    steps: admission.specs(),
    refused: admission.refused(),
  };
}

/** The question's vector; null without a model for it, and where it gives none. */
async function vectorOf({ phase, deps }: Unviewed): Promise<number[] | null> {
  if (!deps.vectorOf) return null;
  try {
    return await deps.vectorOf(phase, phase.record.request.question);
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!isUnanswered(error)) throw error;
    deps.log.warn({ err: error }, 'the question was not embedded: no similar plan is looked for');
    return null;
  }
}

const DATE = /\d{4}-\d{2}-\d{2}/g;

/** Whether a plan may serve on another day: dates in it that the question does not name were true today. */
export function mayServeAgain(steps: PlanStep[], question: string): boolean {
  const dates = JSON.stringify(steps).match(DATE) ?? [];
  return dates.every((date) => question.includes(date));
}
