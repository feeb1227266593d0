import { isDeepStrictEqual } from 'node:util';
import type { PlanStep } from '@planyard/contracts';
import { askModel, isUnanswered } from '../model/ask-model.ts';
import { viewCatalogs } from '../model/catalog-view.ts';
import { createPlanReader } from '../model/plan-reader.ts';
import type { Unviewed } from '../model/planning.ts';
import type { KeptPlan } from './kept-plans.ts';

const CATALOG_TOKENS = 2_000;

/** The steps of a plan for a similar question with their arguments and purposes derived anew; null where the model finds that it does not fit, or changes more than these. */
export async function adaptPlan(planning: Unviewed, plan: KeptPlan): Promise<PlanStep[] | null> {
  const { phase, model, acting, planner, deps } = planning;
  const { question } = phase.record.request;
  const catalog = await viewCatalogs(phase, acting.agent, question, CATALOG_TOKENS, deps);
  const prompt = deps.prompts.render('adapt-plan', {
    before: plan.question,
    plan: JSON.stringify({ steps: plan.steps.map(brief) }),
    catalog: catalog.text,
    question,
    now: new Date(deps.now()).toISOString(),
  });
  const reader = createPlanReader();
  const steps: unknown[] = [];
  try {
    const call = {
      purpose: 'plan' as const,
      prompt: `${prompt.label}${catalog.label}`,
      model: deps.planCache?.adaptModel ?? planner,
    };
    const request = { messages: [{ role: 'user' as const, content: prompt.text }] };
    for await (const event of askModel(phase, model, request, call))
      if (event.type === 'text') steps.push(...reader.write(event.text));
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!isUnanswered(error)) throw error;
    deps.log.warn({ err: error, from: plan.run_id }, 'a plan could not be adapted');
    return null;
  }
  reader.end();
  return reader.broken === null ? sameShape(plan.steps, steps) : null;
}

/** What the model is shown of a step. */
function brief({ id, tool, purpose, args, after, when, fallback }: PlanStep) {
  return {
    id,
    tool,
    ...(purpose ? { purpose } : {}),
    args,
    ...(after.length > 0 ? { after } : {}),
    ...(when ? { when } : {}),
    ...(fallback ? { fallback } : {}),
  };
}

/** The kept steps with the new arguments and purposes, if all else that the model was shown is as in the plan. */
function sameShape(kept: PlanStep[], given: unknown[]): PlanStep[] | null {
  if (given.length !== kept.length) return null;
  const adapted: PlanStep[] = [];
  for (const step of kept) {
    const found = given.find((each) => isStep(each) && each.id === step.id);
    if (!isStep(found) || !isSameOtherwise(found, step)) return null;
    adapted.push({
      ...step,
      // Never that of the other question: answers and what is missing are told by it.
      purpose: found.purpose ?? '',
      args: found.args ?? {},
      ...(step.fallback
        ? { fallback: { ...step.fallback, args: found.fallback?.args ?? step.fallback.args } }
        : {}),
    });
  }
  return adapted;
}

function isSameOtherwise(found: Given, step: PlanStep): boolean {
  return (
    found.tool === step.tool &&
    found.fallback?.tool === step.fallback?.tool &&
    isDeepStrictEqual(found.after ?? [], step.after) &&
    isDeepStrictEqual(found.when, step.when)
  );
}

/** A step as the model wrote it. */
type Given = Pick<PlanStep, 'id' | 'tool'> & Partial<PlanStep>;

function isStep(value: unknown): value is Given {
  return value !== null && typeof value === 'object' && 'id' in value && 'tool' in value;
}
