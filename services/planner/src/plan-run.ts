import type { PlanInfo, PlanSource, PlanStep, ToolManifest, ToolName } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { type IntentRules, intentRulesOf, toolsOfAgent } from '@planyard/planning';
import { actAs, agentNamed } from './agent/acting-agent.ts';
import { chooseAgent } from './agent/choose-agent.ts';
import { concludeFromEvidence } from './answer/conclude.ts';
import { finishWithAnswer, tellAnswer } from './answer/finish-with-answer.ts';
import { BROAD_INTENT, planBroadly } from './broad-plan.ts';
import { planComposition } from './compositions/plan-composition.ts';
import type { PlannerDeps, PlannerModel } from './deps.ts';
import { isBudgetRefusal, refuseOverBudget } from './model/ask-model.ts';
import type { CheckArgs } from './model/check-args.ts';
import { readSaid, summedUp } from './model/conversation.ts';
import { planInRounds } from './model/plan-in-rounds.ts';
import { planWithModel } from './model/plan-with-model.ts';
import type { Planned, Planning, Unviewed } from './model/planning.ts';
import { viewTools } from './model/tool-view.ts';
import { type CacheLookup, mayServeAgain, planFromCache, type Reused } from './plan-cache/plan-from-cache.ts';
import { planInfo } from './plan-info.ts';
import { plannerName } from './planner-name.ts';
import { promptsOfPlan } from './prompts-of-plan.ts';
import { planRerun, takesOverPlan } from './rerun/plan-rerun.ts';
import { planByRules } from './rules/plan-by-rules.ts';
import { withinStepBudget } from './within-step-budget.ts';

/** One attempt of a run: question → steps in the graph, sealed; or the run's end when no step is needed or possible. */
export async function planRun(
  phase: PlanningPhase,
  deps: PlannerDeps & { checkArgs: CheckArgs },
): Promise<void> {
  const offered = await deps.tools(phase.signal);
  const { composition, rerun } = phase.record.request;
  if (rerun && takesOverPlan(phase)) return await planRerun(phase, rerun, offered, deps);
  if (composition) return await planComposition(phase, composition, offered, deps);
  if (deps.model) return await planByModel(phase, deps.model, offered, deps);
  const tools = phase.agent === null ? offered : toolsOfAgent(agentNamed(phase.agent, deps), offered).tools;
  const started = await phase.started({ planner: 'rules' });
  await planByRules(withinStepBudget(started), tools, deps);
}

async function planByModel(
  phase: PlanningPhase,
  model: PlannerModel,
  offered: ToolManifest[],
  deps: PlannerDeps & { checkArgs: CheckArgs },
): Promise<void> {
  const name = await plannerName(model, phase.signal);
  await untilBudget(phase, deps, name, async () => {
    refuseOverBudget(phase);
    const said = await readSaid(phase, deps);
    const chosen = await chooseAgent(phase, model, offered, said, deps);
    if (chosen.kind === 'answer') {
      const started = await phase.started({ planner: name });
      await tellAnswer(started, chosen.text);
      return await finishWithAnswer(started, chosen.text, name);
    }
    const { agent } = chosen;
    const acting = actAs(agent, offered, phase, deps);
    const planner = await plannerName(model, phase.signal, agent.models.plan);
    const started = await phase.started({
      planner,
      agent: agent.name,
      // A run that went over to rounds stays there.
      strategy: phase.strategy === 'rounds' ? 'rounds' : agent.strategy,
      max_attempts: acting.max_attempts,
      budget: agent.budget,
    });
    const conversation = await summedUp(started, said, { model, planner, deps });
    await plan({ phase: started, model, acting, conversation, planner, deps });
  });
}

/**
 * Plans as the agent's strategy says. Where no plan of all steps could be made, a model that can be reached gets the tools
 * in rounds, else every tool that can search broadly gets the question.
 */
async function plan(asked: Unviewed): Promise<void> {
  const { phase, acting, planner, deps } = asked;
  let { strategy } = phase;
  const kept = strategy === 'graph' ? await planFromCache(asked) : null;
  if (kept?.reused) return await sealReused(asked, kept.reused, kept.reuse);
  const planning = { ...asked, view: await viewTools(asked) };
  let planned = strategy === 'rounds' ? await planInRounds(planning) : await planWithModel(planning);
  let source: PlanSource = strategy === 'rounds' ? 'rounds' : 'model';
  // Whatever takes the place of a plan that failed is counted with that plan's prompt.
  const about = { intents: intentRulesOf(acting.agent), prompt: promptsOfPlan(planning, strategy) };
  let failed: PlanInfo | null = null;
  if (planned.kind === 'nothing' && planned.reachable && strategy === 'graph' && acting.tools.length > 0) {
    deps.log.warn({ why: planned.why }, 'planning failed: the model gets the tools in rounds');
    strategy = 'rounds';
    source = 'broad';
    failed = planInfo(phase, source, { ...about, repairs: planned.repairs });
    planned = afterFailure(planned, await planInRounds(planning));
  }
  switch (planned.kind) {
    case 'answer':
      if (!planned.told) await tellAnswer(phase, planned.text);
      return await finishWithAnswer(phase, planned.text, planner, failed);
    case 'steps':
      return await phase.seal({
        intent: planned.intent,
        refused: planned.refused,
        strategy,
        info: infoOf(planning, planned, source, { ...about, reuse: kept?.reuse ?? null }),
        found: foundSoFar(planning, planned.steps),
        context_plan: planning.view.chosen,
      });
    case 'nothing': {
      deps.log.warn({ why: planned.why }, 'planning failed: every tool gets the question');
      const { refused, repairs } = planned;
      const broad = { refused, info: planInfo(phase, 'broad', { ...about, repairs }) };
      if (await planBroadly(withinStepBudget(phase), acting.tools, broad)) return;
      await concludeFromEvidence(phase, deps, planner, `no plan could be made: ${planned.why}`, {
        refused,
        plan: planInfo(phase, source, { ...about, repairs }),
      });
    }
  }
}

/** Tools that stay for the next attempts: those that this one or an earlier one searched for or planned with. */
function foundSoFar({ phase, view }: Planning, steps: PlanStep[]): ToolName[] {
  const searched = view.search.found.map(({ name }) => name);
  return [...new Set([...phase.found, ...searched, ...steps.map(({ tool }) => tool)])];
}

/** What is noted of a plan. One that was not whole, or true only today, is not kept for other runs. */
function infoOf(
  { phase }: Planning,
  { steps, refused, repairs }: Planned & { kind: 'steps' },
  source: PlanSource,
  { reuse, ...about }: Pick<CacheLookup, 'reuse'> & { intents: IntentRules; prompt: string },
): PlanInfo {
  const keeps =
    source === 'model' && refused.length === 0 && mayServeAgain(steps, phase.record.request.question);
  return planInfo(phase, source, {
    ...about,
    repairs,
    reuse: keeps && reuse ? { ...reuse, steps } : null,
  });
}

/** The plan of an earlier run is this one's. */
async function sealReused(
  planning: Unviewed,
  { source, from, intent, steps, refused }: Reused,
  reuse: CacheLookup['reuse'],
): Promise<void> {
  const { phase, acting } = planning;
  // One that was adapted holds what is true today, like one that a model made.
  const keeps = refused.length === 0 && mayServeAgain(steps, phase.record.request.question);
  const info = planInfo(phase, source, {
    intents: intentRulesOf(acting.agent),
    prompt: promptsOfPlan(planning, 'graph'),
    // What the budget of this run cuts off is not the plan's fault.
    reused_from: refused.length === 0 ? from : null,
    reuse: keeps && reuse ? { ...reuse, steps } : null,
  });
  await phase.seal({ intent, refused, strategy: 'graph', info });
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
    await concludeFromEvidence(phase, deps, planner, error.message, {
      error,
      plan: planInfo(phase, 'model'),
    });
  }
}
