import type { AgentStrategy, PlanInfo, PlanSource } from '@planyard/contracts';
import { type IntentRules, intentRulesOf } from '@planyard/planning';
import { BROAD_INTENT } from '../broad-plan.ts';
import { planInfo } from '../plan-info.ts';
import { promptsOfPlan } from '../prompts-of-plan.ts';
import { planInRounds } from './plan-in-rounds.ts';
import { planWithModel } from './plan-with-model.ts';
import type { Planned, Planning } from './planning.ts';

/** How a plan came about. */
export interface HowPlanned {
  strategy: AgentStrategy;
  source: PlanSource;
  /** What it is counted by. Whatever takes the place of a plan that failed is counted with that plan's prompt. */
  about: { intents: IntentRules; prompt: string };
  /** The plan of all steps that failed before. */
  failed: PlanInfo | null;
}

/** Plans as the agent's strategy says. Where no plan of all steps could be made, a model that can be reached gets the tools in rounds. */
export async function makePlan(planning: Planning): Promise<HowPlanned & { planned: Planned }> {
  const { phase, acting, deps } = planning;
  const { strategy } = phase;
  const planned = strategy === 'rounds' ? await planInRounds(planning) : await planWithModel(planning);
  const about = { intents: intentRulesOf(acting.agent), prompt: promptsOfPlan(planning, strategy) };
  if (strategy === 'rounds') return { planned, strategy, source: 'rounds', about, failed: null };
  if (planned.kind !== 'nothing' || !planned.reachable || acting.tools.length === 0)
    return { planned, strategy, source: 'model', about, failed: null };
  deps.log.warn({ why: planned.why }, 'planning failed: the model gets the tools in rounds');
  return {
    strategy: 'rounds',
    source: 'broad',
    about,
    failed: planInfo(phase, 'broad', { ...about, repairs: planned.repairs }),
    planned: afterFailure(planned, await planInRounds(planning)),
  };
}

/** What rounds gave where a plan had failed before. */
function afterFailure(failed: Planned & { kind: 'nothing' }, round: Planned): Planned {
  const repairs = failed.repairs + (round.kind === 'answer' ? 0 : round.repairs);
  switch (round.kind) {
    case 'answer':
      return round;
    case 'steps':
      return { ...round, repairs, intent: BROAD_INTENT };
    case 'nothing':
      return {
        ...round,
        repairs,
        why: `${failed.why}; in rounds: ${round.why}`,
        refused: [...failed.refused, ...round.refused],
      };
  }
}
