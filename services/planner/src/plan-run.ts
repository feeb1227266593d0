import type { RunOutcome } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { ModelError } from '@planyard/llm';
import { citationsOf } from './answer/citations.ts';
import { concludeFromEvidence } from './answer/conclude.ts';
import { planBroadly } from './broad-plan.ts';
import type { PlannerDeps, PlannerModel } from './deps.ts';
import { isBudgetRefusal, refuseOverBudget } from './model/ask-model.ts';
import type { CheckArgs } from './model/check-args.ts';
import { planWithModel } from './model/plan-with-model.ts';
import { planByRules } from './rules/plan-by-rules.ts';
import { withinStepBudget } from './within-step-budget.ts';

/** One attempt of a run: question → steps in the graph, sealed; or the run's end when no step is needed or possible. */
export async function planRun(
  phase: PlanningPhase,
  deps: PlannerDeps & { checkArgs: CheckArgs },
): Promise<void> {
  const tools = await deps.tools(phase.signal);
  if (deps.model) await planByModel(phase, deps.model, tools, deps);
  else {
    await phase.started('rules');
    await planByRules(withinStepBudget(phase), tools, deps);
  }
}

async function planByModel(
  phase: PlanningPhase,
  model: PlannerModel,
  tools: Awaited<ReturnType<PlannerDeps['tools']>>,
  deps: PlannerDeps & { checkArgs: CheckArgs },
): Promise<void> {
  const name = await nameOf(model, phase.signal);
  await phase.started(name);
  await untilBudget(phase, deps, name, async () => {
    refuseOverBudget(phase);
    const planned = await planWithModel(phase, model, tools, deps);
    if (planned.kind === 'answer') return await phase.finish(direct(phase, planned.text, name));
    if (planned.kind === 'steps') {
      const { intent, refused } = planned;
      return await phase.seal({ intent, refused });
    }
    deps.log.warn({ why: planned.why }, 'planning failed: every tool gets the question');
    if (await planBroadly(withinStepBudget(phase), tools, planned.refused)) return;
    await concludeFromEvidence(phase, deps, name, `no plan could be made: ${planned.why}`, {
      refused: planned.refused,
    });
  });
}

/** A budget that is used up ends the run with what there is. */
async function untilBudget(
  phase: PlanningPhase,
  deps: PlannerDeps,
  planner: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isBudgetRefusal(error)) throw error;
    await concludeFromEvidence(phase, deps, planner, error.message, { error });
  }
}

/** The planner's name even while its provider cannot be asked for a model. */
async function nameOf(model: PlannerModel, signal: AbortSignal): Promise<string> {
  try {
    return await model.name(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    return 'model';
  }
}

function direct(phase: PlanningPhase, answer: string, planner: string): RunOutcome {
  return {
    status: 'completed',
    answer,
    citations: citationsOf(answer, phase.steps),
    missing: [],
    planner,
    error: null,
  };
}
