import type { JoiningPhase } from '@planyard/engine';
import { actAs, agentNamed } from './agent/acting-agent.ts';
import { concludeFromEvidence } from './answer/conclude.ts';
import { finishWithAnswer } from './answer/finish-with-answer.ts';
import { joinComposition } from './compositions/join-composition.ts';
import type { PlannerDeps, PlannerModel } from './deps.ts';
import { coversNoAttempt, isBudgetRefusal, refuseOverBudget } from './model/ask-model.ts';
import { readSaid, summedUp } from './model/conversation.ts';
import { joinWithModel } from './model/join-with-model.ts';
import { plannerName } from './planner-name.ts';
import { readEvidence } from './results.ts';
import { joinByRules } from './rules/by-rules.ts';

/** The end of an attempt: results → answer, or the wish for a new plan. */
export async function joinRun(phase: JoiningPhase, deps: PlannerDeps): Promise<void> {
  if (phase.record.request.composition) return await joinComposition(phase, deps);
  if (!deps.model) return await joinByRules(phase, deps);
  // In rounds the model that called the tools reads what they gave, and answers or calls more.
  if (phase.strategy === 'rounds' && mayGoOn(phase)) return await phase.replan(refusedCalls(phase));
  await joinByModel(phase, deps.model, deps);
}

/** Whether another round may begin. */
function mayGoOn(phase: JoiningPhase): boolean {
  return phase.must_conclude === null && !coversNoAttempt(phase);
}

/** What the next round is told of this one's calls that were not made: a line for each. */
function refusedCalls({ refused }: JoiningPhase): string {
  return refused.map(({ step, code, message }) => `${step}: ${code}, ${message}`).join('\n');
}

async function joinByModel(phase: JoiningPhase, model: PlannerModel, deps: PlannerDeps): Promise<void> {
  const evidence = await readEvidence(phase, deps);
  const acting = actAs(agentNamed(phase.agent, deps), [], phase, deps);
  const planner = await plannerName(model, phase.signal, acting.agent.models.join);
  // Without any result an answer would be invented; only a new plan can help.
  if (evidence.length === 0 && phase.must_conclude)
    return await concludeFromEvidence(phase, deps, planner, 'no step gave a result');
  try {
    refuseOverBudget(phase);
    const conversation = await summedUp(phase, await readSaid(phase, deps), { model, planner, deps });
    const joined = await joinWithModel({ phase, model, acting, planner, conversation, evidence, deps });
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
      case 'answer':
        return await finishWithAnswer(phase, joined, planner);
    }
  } catch (error) {
    if (!isBudgetRefusal(error)) throw error;
    await concludeFromEvidence(phase, deps, planner, error.message);
  }
}
