import type { PlanSource, PlanStep, ToolManifest, ToolName } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { intentRulesOf, toolsOfAgent } from '@planyard/planning';
import { actAs, agentNamed } from './agent/acting-agent.ts';
import { chooseAgent } from './agent/choose-agent.ts';
import { concludeFromEvidence } from './answer/conclude.ts';
import { finishWithAnswer, tellAnswer } from './answer/finish-with-answer.ts';
import { planBroadly } from './broad-plan.ts';
import { planComposition } from './compositions/plan-composition.ts';
import type { PlannerDeps, PlannerModel } from './deps.ts';
import { aboutOf } from './model/about-of.ts';
import { isBudgetRefusal, refuseOverBudget } from './model/ask-model.ts';
import { viewCatalogs } from './model/catalog-view.ts';
import type { CheckArgs } from './model/check-args.ts';
import { readSaid, summedUp } from './model/conversation.ts';
import { type HowPlanned, makePlan } from './model/make-plan.ts';
import type { Planned, Planning, Unviewed } from './model/planning.ts';
import { viewTools } from './model/tool-view.ts';
import { type CacheLookup, planFromCache, type Reused } from './plan-cache/plan-from-cache.ts';
import { infoOfPlanned, infoOfReused, planInfo } from './plan-info.ts';
import { plannerName } from './planner-name.ts';
import { promptsOfPlan } from './prompts-of-plan.ts';
import { planRerun, takesOverPlan } from './rerun/plan-rerun.ts';
import { planByRules } from './rules/by-rules.ts';
import { withinStepBudget } from './within-step-budget.ts';

/** Of what data sources hold, by the agent's strategy. */
const CATALOG_TOKENS = { graph: 6_000, rounds: 4_000 };

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
      // It came as whole JSON, so it did not break off.
      return await finishWithAnswer(started, { text: chosen.text, finish: 'stop' }, name);
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

/** Takes over a plan that worked before, or makes one; seals it, or ends the run with what there is. */
async function plan(asked: Unviewed): Promise<void> {
  const kept = asked.phase.strategy === 'graph' ? await planFromCache(asked) : null;
  if (kept?.reused) return await sealReused(asked, kept.reused, kept.reuse);
  const planning = await viewed(asked);
  const { planned, ...how } = await makePlan(planning);
  switch (planned.kind) {
    case 'answer':
      return await answerAtOnce(planning, planned, how);
    case 'steps':
      return await sealPlanned(planning, planned, { ...how, reuse: kept?.reuse ?? null });
    case 'nothing':
      return await goWithoutPlan(planning, planned, how);
  }
}

/** What an attempt sees: the tables that matter, and the tools. */
async function viewed(asked: Unviewed): Promise<Planning> {
  const { phase, acting, conversation, deps } = asked;
  const about = aboutOf(phase, conversation);
  const catalog = await viewCatalogs(phase, acting.agent, about, CATALOG_TOKENS[phase.strategy], deps);
  return { ...asked, catalog, view: await viewTools({ ...asked, catalog }) };
}

/** The plan of an earlier run is this one's. */
async function sealReused(planning: Unviewed, reused: Reused, reuse: CacheLookup['reuse']): Promise<void> {
  const { phase, acting } = planning;
  const { intent, refused } = reused;
  const about = { intents: intentRulesOf(acting.agent), prompt: promptsOfPlan(planning, 'graph') };
  await phase.seal({
    intent,
    refused,
    strategy: 'graph',
    info: infoOfReused(phase, reused, { ...about, reuse }),
  });
}

async function answerAtOnce(
  { phase, planner }: Planning,
  answer: Planned & { kind: 'answer' },
  { failed }: HowPlanned,
): Promise<void> {
  if (!answer.told) await tellAnswer(phase, answer.text);
  await finishWithAnswer(phase, answer, planner, failed);
}

async function sealPlanned(
  planning: Planning,
  planned: Planned & { kind: 'steps' },
  { strategy, source, about, reuse }: HowPlanned & Pick<CacheLookup, 'reuse'>,
): Promise<void> {
  const { phase, view } = planning;
  await phase.seal({
    intent: planned.intent,
    refused: planned.refused,
    strategy,
    info: infoOfPlanned(phase, planned, source, { ...about, reuse }),
    found: foundSoFar(planning, planned.steps),
    context_plan: view.chosen,
  });
}

/** Every tool that can search broadly gets the question; where there is none, earlier attempts are all there is. */
async function goWithoutPlan(
  { phase, acting, planner, deps }: Planning,
  { why, refused, repairs }: Planned & { kind: 'nothing' },
  { source, about }: HowPlanned,
): Promise<void> {
  deps.log.warn({ why }, 'planning failed: every tool gets the question');
  const info = (from: PlanSource) => planInfo(phase, from, { ...about, repairs });
  const searches = await planBroadly(withinStepBudget(phase), acting.tools, { refused, info: info('broad') });
  if (searches) return;
  await concludeFromEvidence(phase, deps, planner, `no plan could be made: ${why}`, {
    refused,
    plan: info(source),
  });
}

/** Tools that stay for the next attempts: those that this one or an earlier one searched for or planned with. */
function foundSoFar({ phase, view }: Planning, steps: PlanStep[]): ToolName[] {
  const searched = view.search.found.map(({ name }) => name);
  return [...new Set([...phase.found, ...searched, ...steps.map(({ tool }) => tool)])];
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
