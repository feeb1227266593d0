import type { ToolManifest } from '@planyard/contracts';
import { conceptsOf, countTerms, createPostings, type RelatedWords } from './lexical-scores.ts';
import { type ToolText, textOfTool } from './tool-text.ts';
import { createVocabulary } from './vocabulary.ts';

/** How well each tool fits a question: 0 for one that shares nothing with it. */
export interface ToolIndex {
  readonly tools: readonly ToolManifest[];
  /** One number for each tool, in the order of `tools`; 1 for the one that fits best. */
  scores(question: string): Float64Array;
}

/** How much a word counts by where it stands. */
const FIELDS: Record<keyof ToolText, number> = {
  name: 2.5,
  description: 2,
  args: 1,
  arg_texts: 0.6,
  result: 0.8,
  result_texts: 0.4,
};
/** What the tools of the same type say together, against what a tool says for itself. */
const TYPE_SHARE = 0.7;

/**
 * A lexical index over a catalogue: BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009) over name,
 * description, arguments and result. Each word of a question counts once for a tool: by itself or by the related word
 * that fits best. A tool also gets a share of what all tools of its type (the name before the dot) have in common with
 * the question: who asks about wages rarely names the operation.
 */
export function createToolIndex(
  tools: readonly ToolManifest[],
  related: RelatedWords = new Map(),
): ToolIndex {
  const texts = tools.map((tool) => countTerms(textOfTool(tool), FIELDS));
  const types = [...new Set(tools.map(typeOf))];
  const typeAt = tools.map((tool) => types.indexOf(typeOf(tool)));
  const vocabulary = createVocabulary(texts.flatMap((text) => [...text.keys()]));
  const byTool = createPostings(texts);
  const byType = createPostings(
    types.map((_, at) => joinTerms(texts.filter((_, tool) => typeAt[tool] === at))),
  );

  return {
    tools: [...tools],
    scores(question) {
      const concepts = conceptsOf(question, related, vocabulary);
      const own = byTool(concepts);
      const shared = byType(concepts);
      const scores = own.map((score, at) => score + TYPE_SHARE * (shared[typeAt[at] as number] as number));
      const best = scores.reduce((most, score) => Math.max(most, score), 0);
      return best === 0 ? scores : scores.map((score) => score / best);
    },
  };
}

function joinTerms(texts: Map<string, number>[]): Map<string, number> {
  const joined = new Map<string, number>();
  for (const text of texts)
    for (const [term, count] of text) joined.set(term, (joined.get(term) ?? 0) + count / texts.length);
  return joined;
}

/** The part of a tool's name before the dot. */
export function typeOf(tool: Pick<ToolManifest, 'name'>): string {
  return tool.name.slice(0, tool.name.indexOf('.'));
}
