import type { JoiningPhase } from '@planyard/engine';
import { citationsOf } from './answer/citations.ts';
import { concludeFromEvidence } from './answer/conclude.ts';
import { missingOf } from './answer/missing.ts';
import type { PlannerDeps, PlannerModel } from './deps.ts';
import { isBudgetRefusal, refuseOverBudget } from './model/ask-model.ts';
import { joinWithModel } from './model/join-with-model.ts';
import { readEvidence } from './results.ts';
import { joinByRules } from './rules/join-by-rules.ts';

/** The end of an attempt: results → answer, or the wish for a new plan. */
export async function joinRun(phase: JoiningPhase, deps: PlannerDeps): Promise<void> {
  if (!deps.model) return await joinByRules(phase, deps);
  await joinByModel(phase, deps.model, deps);
}

async function joinByModel(phase: JoiningPhase, model: PlannerModel, deps: PlannerDeps): Promise<void> {
  const evidence = await readEvidence(phase, deps);
  const planner = await plannerOf(phase, model);
  // Without any result an answer would be invented; only a new plan can help.
  if (evidence.length === 0 && phase.must_conclude)
    return await concludeFromEvidence(phase, deps, planner, 'no step gave a result');
  try {
    refuseOverBudget(phase);
    const joined = await joinWithModel(phase, model, evidence, deps);
    switch (joined.kind) {
      case 'replan':
        return await phase.replan(joined.reason);
      case 'failed':
        return await concludeFromEvidence(
          phase,
          deps,
          planner,
          `the model could not join the results: ${joined.why}`,
        );
      case 'answer': {
        const missing = missingOf(phase);
        return await phase.finish({
          status: missing.length === 0 ? 'completed' : 'partial',
          answer: joined.text,
          citations: citationsOf(joined.text, phase.steps),
          missing,
          planner,
          error: null,
        });
      }
    }
  } catch (error) {
    if (!isBudgetRefusal(error)) throw error;
    await concludeFromEvidence(phase, deps, planner, error.message);
  }
}

async function plannerOf(phase: JoiningPhase, model: PlannerModel): Promise<string> {
  return await model.name(phase.signal).catch(() => {
    phase.signal.throwIfAborted();
    return 'model';
  });
}
