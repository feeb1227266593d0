import type { ContextPlan, ToolManifest } from '@planyard/contracts';
import type { Phase } from '@planyard/engine';
import {
  intentRulesOf,
  mergeContext,
  planContext,
  type RenderedPrompt,
  type ShortlistedTool,
  stageTools,
  toolsOfAttempt,
} from '@planyard/planning';
import type { ActingAgent } from '../agent/acting-agent.ts';
import type { PlannerDeps } from '../deps.ts';
import { aboutOf } from './about-of.ts';
import { contextWithModel } from './context-with-model.ts';
import type { Planning } from './planning.ts';
import { createToolSearch, SEARCH_NAME, type ToolSearch } from './tool-search.ts';

/** What an attempt sees of the tools it may use. */
export interface ToolView {
  /** Those that the prompt shows, best first. */
  tools: ToolManifest[];
  /** How the prompt shows them. */
  told: RenderedPrompt;
  /** Finds the others; null where all are shown. */
  search: ToolSearch | null;
  /** Where they come from. */
  context: ContextPlan;
}

type ViewDeps = Pick<
  PlannerDeps,
  'prompts' | 'selectTools' | 'similarities' | 'digester' | 'figures' | 'selector' | 'toolTokens' | 'now'
>;

/**
 * The tools of the first stages of the run's context plan, as many stages as there were attempts, each within the tokens
 * of a stage. Without the selector they come by name.
 */
export async function viewTools(planning: Omit<Planning, 'view'>): Promise<ToolView> {
  const { phase, acting, conversation, deps } = planning;
  const { tools } = acting;
  const about = aboutOf(phase, conversation);
  const ranked = await rankedFor(phase, acting, about, deps);
  const stages = await stageTools(ranked, deps.digester, {
    tokens: deps.toolTokens,
    stages: phase.attempt,
  });
  const { question } = phase.record.request;
  const byRanking = planContext({ question, ranked, stages });
  const context = await contextOf(planning, byRanking, ranked);
  const staged = context.broad_search
    ? stages.flat()
    : namedIn(tools, toolsOfAttempt(context, phase.attempt - 1));
  // All of them stand as they always do: providers keep the beginning of a prompt that does not change.
  const all = staged.length === tools.length;
  const shown = all ? tools : staged;
  const { text } = await deps.digester.choose(shown, deps.toolTokens * phase.attempt, shown.length);
  if (all)
    return {
      tools: shown,
      told: deps.prompts.render('tools/digest', { tools: text }),
      search: null,
      context,
    };
  return {
    tools: shown,
    told: deps.prompts.render('tools/digest-part', {
      tools: text,
      count: String(tools.length),
      search: SEARCH_NAME,
    }),
    search: createToolSearch(tools, deps),
    context,
  };
}

/** The ranking's context plan, or where the agent wants it and not all tools fit, the model's with what the ranking knows. */
async function contextOf(
  planning: Omit<Planning, 'view'>,
  byRanking: ContextPlan,
  ranked: ShortlistedTool[],
): Promise<ContextPlan> {
  const { agent, tools } = planning.acting;
  if (agent.context !== 'model' || toolsOfAttempt(byRanking, 0).length === tools.length) return byRanking;
  const planned = await contextWithModel(planning, byRanking);
  const named = ranked.filter((each) => each.named).map(({ tool }) => tool.name);
  return mergeContext(planned, byRanking, new Set(tools.map(({ name }) => name)), named);
}

async function rankedFor(
  phase: Phase,
  { agent, tools }: ActingAgent,
  question: string,
  { selectTools, similarities, figures, selector }: ViewDeps,
): Promise<ShortlistedTool[]> {
  const { options } = phase.record.request;
  const request = {
    question,
    tools,
    figures: figures(),
    strategy: options.strategy,
    rules: intentRulesOf(agent),
  };
  if (selector && options.selector)
    return selectTools({ ...request, similarities: await similarities(question, tools) });
  // Off: what a tool's figures are counts for nothing; a name in the question is a wish and no ranking.
  const byName = new Map(selectTools(request).map((each) => [each.tool.name, each]));
  return tools
    .map((tool) => byName.get(tool.name))
    .filter((each) => each !== undefined)
    .sort((a, b) => Number(b.named) - Number(a.named));
}

function namedIn(tools: ToolManifest[], names: string[]): ToolManifest[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return names.map((name) => byName.get(name)).filter((tool) => tool !== undefined);
}
