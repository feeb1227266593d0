import type { ToolManifest } from '@planyard/contracts';
import type { Phase } from '@planyard/engine';
import type { ToolSpec } from '@planyard/llm';
import { z } from 'zod';
import type { PlannerDeps } from '../deps.ts';

export const SEARCH_NAME = 'tools_search';

const SearchArgs = z.object({
  query: z.string().trim().min(1).max(500),
  limit: z.int().min(1).max(20).default(8).catch(8),
});

/** Tokens of one reply. */
const REPLY_TOKENS = 1_200;
/** Searches of one attempt; later ones are not offered. */
const MOST_SEARCHES = 3;

/** `tools_search`: how a planner finds tools that its prompt does not show. */
export interface ToolSearch {
  spec: ToolSpec;
  /** Of the prompt that describes it. */
  label: string;
  /** What it has found so far. */
  readonly found: readonly ToolManifest[];
  /** Whether another search is allowed. */
  readonly left: boolean;
  /** A line for each tool found, best first; what is wrong with the arguments otherwise. */
  run(args: string): Promise<{ text: string; tools: ToolManifest[] }>;
}

export function createToolSearch(
  phase: Phase,
  tools: ToolManifest[],
  {
    prompts,
    selectTools,
    similarities,
    digester,
    figures,
  }: Pick<PlannerDeps, 'prompts' | 'selectTools' | 'similarities' | 'digester' | 'figures'>,
): ToolSearch {
  let searches = 0;
  const all: ToolManifest[] = [];
  const described = prompts.render('tools/search', {});
  return {
    spec: specOf(described.text.trim()),
    label: described.label,
    found: all,
    get left() {
      return searches < MOST_SEARCHES;
    },
    async run(text) {
      searches += 1;
      const args = SearchArgs.safeParse(parse(text));
      if (!args.success) return { text: z.prettifyError(args.error), tools: [] };
      const { query, limit } = args.data;
      const alike = await similarities(phase, query, tools);
      const found = selectTools({ question: query, tools, figures: figures(), similarities: alike })
        .filter(({ fit, named }) => fit > 0 || named)
        .slice(0, limit)
        .map(({ tool }) => tool);
      const told = await digester.choose(found, REPLY_TOKENS);
      all.push(...told.tools);
      return { text: told.text || '[]', tools: told.tools };
    },
  };
}

function specOf(description: string): ToolSpec {
  return {
    name: SEARCH_NAME,
    description,
    parameters: {
      type: 'object',
      properties: {
        query: { type: 'string' },
        limit: { type: 'integer', minimum: 1, maximum: 20 },
      },
      required: ['query'],
      additionalProperties: false,
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    // Not JSON is no object: the schema tells.
    return null;
  }
}
