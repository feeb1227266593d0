import type { SelectorStrategy, ToolFigures, ToolManifest, ToolName } from '@planyard/contracts';
import type { IntentRules } from '../intents.ts';
import { liveFiguresOf } from '../live-figures.ts';
import { keepIndexes } from './keep-indexes.ts';
import type { RelatedWords } from './lexical-scores.ts';
import { createRelatedWords } from './related-words.ts';
import { type ShortlistedTool, shortlistTools } from './shortlist.ts';

export interface SelectRequest {
  question: string;
  tools: readonly ToolManifest[];
  /** How the tools do; their profiles alone where nothing is known. */
  figures?: ReadonlyMap<ToolName, ToolFigures>;
  strategy?: SelectorStrategy;
  rules?: IntentRules;
  /** In the order of the tools. */
  similarities?: Float64Array | null;
  /** Tools that rest come last instead of being left out. */
  withOpen?: boolean;
  takeProbeTurn?: (tool: ToolName) => boolean;
}

/** Ranks tools for questions, best first; see `shortlistTools`. Indexes and words are made at the first use and kept. */
export type SelectTools = (request: SelectRequest) => ShortlistedTool[];

export function createToolSelector(words: () => RelatedWords = createRelatedWords): SelectTools {
  let indexOf: ReturnType<typeof keepIndexes> | null = null;
  return ({ tools, figures, ...request }) => {
    indexOf ??= keepIndexes(words());
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    return shortlistTools({
      ...request,
      index: indexOf(tools),
      live: (name) => liveFiguresOf(byName.get(name) as ToolManifest, figures?.get(name)),
    });
  };
}
