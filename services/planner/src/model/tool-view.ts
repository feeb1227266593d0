import type { ContextPlan, ToolManifest } from '@planyard/contracts';
import type { Phase } from '@planyard/engine';
import {
  intentRulesOf,
  mergeContext,
  planContext,
  type ShortlistedTool,
  stageTools,
  type ToolDigest,
  toolsOfAttempt,
} from '@planyard/planning';
import type { ActingAgent } from '../agent/acting-agent.ts';
import type { PlannerDeps } from '../deps.ts';
import { aboutOf } from './about-of.ts';
import { contextWithModel } from './context-with-model.ts';
import type { Planning, ToolView, Unviewed } from './planning.ts';
import { createToolSearch, SEARCH_NAME } from './tool-search.ts';

type ViewDeps = Pick<
  PlannerDeps,
  | 'prompts'
  | 'selectTools'
  | 'takeProbeTurn'
  | 'similarities'
  | 'digester'
  | 'figures'
  | 'selector'
  | 'toolTokens'
  | 'now'
>;

/**
 * The tools of the first stages of the run's context plan, as many stages as there were attempts, each within the tokens
 * of a stage, and those that earlier attempts know, in the room of the later stages. Without the selector they come by name.
 */
export async function viewTools(planning: Omit<Planning, 'view'>): Promise<ToolView> {
  const { phase, acting, conversation, catalog, deps } = planning;
  const { tools } = acting;
  const about = aboutOf(phase, conversation);
  const ranked = await rankedFor(phase, acting, about, deps);
  const stages = await stageTools(ranked, deps.digester, {
    tokens: deps.toolTokens,
    stages: phase.attempt,
  });
  const { question } = phase.record.request;
  const { privacy } = catalog;
  const byRanking = planContext({ question, ranked, stages, stop: stopsOf(phase), privacy });
  const { context, chosen } = await contextOf(planning, byRanking, ranked);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const wanted = context.broad_search ? stages : stagesOf(context, byName, phase.attempt);
  const named = new Set(ranked.filter((each) => each.named).map(({ tool }) => tool));
  const names = new Set([...phase.found, ...phase.steps.map(({ tool }) => tool)]);
  const known = [...names].flatMap((name) => byName.get(name) ?? []);
  const parts = await digestStages(wanted, { named, known }, phase.attempt, deps);
  const shown = parts.flatMap((part) => part.tools);
  const view = {
    ranked: shown,
    named: [...named],
    known,
    search: createToolSearch(phase, tools, deps),
    context,
    chosen,
  };
  // All of them stand as they always do: providers keep the beginning of a prompt that does not change.
  if (shown.length === tools.length) {
    const { text } = await deps.digester.choose(tools, deps.toolTokens * phase.attempt, tools.length);
    return {
      ...view,
      tools,
      showsAll: true,
      told: deps.prompts.render('tools/digest', { tools: text }),
    };
  }
  return {
    ...view,
    tools: shown,
    showsAll: false,
    told: deps.prompts.render('tools/digest-part', {
      tools: parts.map(({ text }) => text).join('\n'),
      count: String(tools.length),
      search: SEARCH_NAME,
    }),
  };
}

/** When to stop looking further, as far as it is known without a model. */
function stopsOf({ budget, spent }: Pick<Phase, 'budget' | 'spent'>): string[] {
  if (budget.steps === undefined) return [];
  return [`steps = ${Math.max(0, budget.steps - spent.steps)}`];
}

/** The digest of each stage, and of what is known besides: all of them together within the tokens of as many stages as there are attempts. */
async function digestStages(
  stages: readonly (readonly ToolManifest[])[],
  of: { named: ReadonlySet<ToolManifest>; known: ToolManifest[] },
  attempt: number,
  { digester, toolTokens }: Pick<ViewDeps, 'digester' | 'toolTokens'>,
): Promise<ToolDigest[]> {
  const staged = new Set(stages.flat());
  const besides = of.known.filter((tool) => !staged.has(tool));
  const known = await digester.choose(besides, toolTokens * (attempt - 1));
  let left = toolTokens * attempt - known.tokens;
  const parts: ToolDigest[] = [];
  for (const stage of stages) {
    const first = stage.filter((tool) => of.named.has(tool));
    const others = stage.filter((tool) => !of.named.has(tool));
    const part = await digester.choose([...first, ...others], Math.min(toolTokens, left), first.length);
    left -= part.tokens;
    parts.push(part);
  }
  return [...parts, known].filter(({ tools }) => tools.length > 0);
}

/** The ranking's context plan, or where the agent wants it and not all tools fit, the model's with what the ranking knows: it is asked once for all attempts. */
async function contextOf(
  planning: Unviewed,
  byRanking: ContextPlan,
  ranked: ShortlistedTool[],
): Promise<Pick<ToolView, 'context' | 'chosen'>> {
  const { agent, tools } = planning.acting;
  const before = planning.phase.context_plan;
  if (agent.context !== 'model' || toolsOfAttempt(byRanking, 0).length === tools.length)
    return { context: byRanking, chosen: before };
  const chosen = before ?? (await contextWithModel(planning, byRanking));
  const named = ranked.filter((each) => each.named).map(({ tool }) => tool.name);
  const offered = new Set(tools.map(({ name }) => name));
  return { context: mergeContext(chosen, byRanking, offered, named), chosen };
}

async function rankedFor(
  phase: Phase,
  { agent, tools }: ActingAgent,
  question: string,
  { selectTools, takeProbeTurn, similarities, figures, selector }: ViewDeps,
): Promise<ShortlistedTool[]> {
  const { options } = phase.record.request;
  const request = {
    question,
    tools,
    figures: figures(),
    strategy: options.strategy,
    rules: intentRulesOf(agent),
    takeProbeTurn,
  };
  if (selector && options.selector)
    return selectTools({ ...request, similarities: await similarities(phase, question, tools) });
  // Off: what a tool's figures are counts for nothing; a name in the question is a wish and no ranking.
  const byName = new Map(selectTools(request).map((each) => [each.tool.name, each]));
  return tools
    .map((tool) => byName.get(tool.name))
    .filter((each) => each !== undefined)
    .sort((a, b) => Number(b.named) - Number(a.named));
}

/** The tools of a context plan that so many attempts see, each in the first of its stages. */
function stagesOf(
  context: ContextPlan,
  byName: ReadonlyMap<string, ToolManifest>,
  attempts: number,
): ToolManifest[][] {
  const names = (attempt: number) => toolsOfAttempt(context, attempt);
  return Array.from({ length: attempts }, (_, attempt) =>
    names(attempt)
      .slice(attempt === 0 ? 0 : names(attempt - 1).length)
      .flatMap((name) => byName.get(name) ?? []),
  );
}
