import { BROAD_INTENT, type ContextPlan, type ToolManifest, type ToolName } from '@planyard/contracts';
import type { ShortlistedTool } from '../tools/shortlist.ts';
import { typeOf } from '../tools/tool-index.ts';
import { hintsFor } from './hint-arguments.ts';

export interface ContextRequest {
  question: string;
  /** Best first. */
  ranked: readonly ShortlistedTool[];
  /** What each attempt adds to what it sees; see `stageTools`. */
  stages: readonly (readonly ToolManifest[])[];
  /** When to stop looking further, one sentence each. */
  stop?: string[];
  /** What must not be looked at or told. */
  privacy?: string | undefined;
}

const CANDIDATES = 20;
const HINTED = 8;

/** The context plan that follows from the ranking alone, without a model. Where nothing fits the question, the broad one. */
export function planContext({
  question,
  ranked,
  stages,
  stop = [],
  privacy = '',
}: ContextRequest): ContextPlan {
  const fitting = ranked.filter(({ fit, named }) => fit > 0 || named);
  const staged = stages.filter((tools) => tools.length > 0);
  if (fitting.length === 0) return { ...broadPlan(), stop, privacy };
  return {
    intent: question.slice(0, 2_000),
    stages: staged.map((tools) => ({
      contexts: [...new Set(tools.map(typeOf))],
      tools: tools.map(({ name }) => name),
    })),
    contexts: rankContexts(fitting),
    candidates: fitting
      .slice(0, CANDIDATES)
      .map((each) => ({ tool: each.tool.name, score: rounded(each.fit), reason: reasonOf(each) })),
    hints: hintsFor(
      question,
      fitting.slice(0, HINTED).map(({ tool }) => tool),
    ),
    stop,
    privacy,
    broad_search: false,
  };
}

/** The plan of a run of which nothing better is known. */
export function broadPlan(): ContextPlan {
  return {
    intent: BROAD_INTENT,
    stages: [],
    contexts: [],
    candidates: [],
    hints: {},
    stop: [],
    privacy: '',
    broad_search: true,
  };
}

/**
 * A model's context plan with what the ranking knows: tools that are not on offer are left out, those that the question
 * names come first, what the plan says nothing of is the ranking's, and where the plan is missing or poor (no known tool is left in any stage) the ranking's stages and
 * the broad search merge in.
 */
export function mergeContext(
  planned: ContextPlan | null,
  ranked: ContextPlan,
  offered: ReadonlySet<ToolName>,
  named: readonly ToolName[] = [],
): ContextPlan {
  const known = (tools: ToolName[]) => tools.filter((tool) => offered.has(tool));
  const stages = (planned?.stages ?? [])
    .map(({ contexts, tools }) => ({ contexts, tools: known(tools) }))
    .filter(({ tools }) => tools.length > 0);
  const candidates = (planned?.candidates ?? []).filter(({ tool }) => offered.has(tool));
  const poor = planned === null || stages.length === 0;
  const base: ContextPlan = poor
    ? { ...ranked, intent: planned?.intent || ranked.intent, broad_search: true }
    : {
        ...planned,
        stages,
        contexts: planned.contexts.length > 0 ? planned.contexts : ranked.contexts,
        candidates: candidates.length > 0 ? candidates : ranked.candidates,
        hints: { ...ranked.hints, ...planned.hints },
        stop: planned.stop.length > 0 ? planned.stop : ranked.stop,
        privacy: [planned.privacy, ranked.privacy].filter(Boolean).join('; '),
      };
  const lacking = named.filter((tool) => offered.has(tool) && !base.stages[0]?.tools.includes(tool));
  if (lacking.length === 0) return base;
  const [first = { contexts: [], tools: [] }, ...later] = base.stages;
  return { ...base, stages: [{ ...first, tools: [...lacking, ...first.tools] }, ...later] };
}

/** What attempt n, counted from 0, sees: the tools of the first n + 1 stages, each once. */
export function toolsOfAttempt(plan: ContextPlan, attempt: number): ToolName[] {
  return [...new Set(plan.stages.slice(0, attempt + 1).flatMap(({ tools }) => tools))];
}

function rankContexts(fitting: readonly ShortlistedTool[]): ContextPlan['contexts'] {
  const best = new Map<string, ShortlistedTool>();
  // They come best first.
  for (const each of fitting) if (!best.has(typeOf(each.tool))) best.set(typeOf(each.tool), each);
  return [...best].map(([context, each]) => ({ context, score: rounded(each.fit), reason: each.tool.name }));
}

/** The figures that speak for a tool, in few words. */
function reasonOf({ named, relevance, score, factors }: ShortlistedTool): string {
  return [
    ...(named ? ['named'] : []),
    ...(factors.intent ? ['intent'] : []),
    `relevance ${rounded(relevance)}`,
    `score ${rounded(score)}`,
    ...(factors.breaker === 'closed' ? [] : [`breaker ${factors.breaker}`]),
  ].join(', ');
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
