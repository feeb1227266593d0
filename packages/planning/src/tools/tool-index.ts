import type { ToolManifest } from '@planyard/contracts';
import {
  type Concept,
  conceptsOf,
  countTerms,
  createPostings,
  type FieldWeights,
  type RelatedWords,
  type TermCounts,
} from './lexical-scores.ts';
import { termsOf } from './terms.ts';
import { keepToolTerms } from './tool-terms.ts';
import type { ToolText } from './tool-text.ts';
import { createVocabulary } from './vocabulary.ts';

/** How well each tool fits a question: 0 for one that shares nothing with it. */
export interface ToolIndex {
  readonly tools: readonly ToolManifest[];
  /** One number for each tool, in the order of `tools`; 1 for the one that fits best. */
  scores(question: string): Float64Array;
}

/** Of long schemas a word says little: those of real interfaces have hundreds of fields. */
const FIELDS: FieldWeights<keyof ToolText> = {
  name: { weight: 2.5, shared: 0.3 },
  description: { weight: 3, shared: 0.5 },
  args: { weight: 1, shared: 1 },
  arg_texts: { weight: 0.6, shared: 1 },
  result: { weight: 0.8, shared: 1 },
  result_texts: { weight: 0.2, shared: 1 },
};
/** What the tools of the same type say together, against what a tool says for itself. */
const TYPE_SHARE = 0.7;
/** The same of those that are about the same thing. */
const FAMILY_SHARE = 0.5;
/** What fewer tools say together is what each says for itself. */
const LEAST_FAMILY = 3;

/**
 * A lexical index over a catalogue: BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009) over name,
 * description, arguments and result. Each word of a question counts once for a tool: by itself or by the related word
 * that fits best. A tool also gets a share of what all tools of its type (the name before the dot) have in common with
 * the question: who asks about wages rarely names the operation. And of what those of them say together that share a word
 * of its name: what a coupon is stands at `create_coupon`, and `delete_coupon` says nothing of it.
 */
export function createToolIndex(
  tools: readonly ToolManifest[],
  related: RelatedWords = new Map(),
  termsOfTools = keepToolTerms(),
): ToolIndex {
  const texts = countTerms(termsOfTools(tools), FIELDS);
  const vocabulary = createVocabulary(texts.flatMap((text) => [...text.keys()]));
  const byTool = createPostings(texts);
  const byType = createGroups(
    tools.map((tool) => [typeOf(tool)]),
    texts,
  );
  const byFamily = createGroups(tools.map(familiesOf), texts, LEAST_FAMILY);

  return {
    tools: [...tools],
    scores(question) {
      const concepts = conceptsOf(question, related, vocabulary);
      const [type, family] = [byType(concepts), byFamily(concepts)];
      const scores = byTool(concepts).map(
        (score, at) => score + TYPE_SHARE * (type[at] as number) + FAMILY_SHARE * (family[at] as number),
      );
      const best = scores.reduce((most, score) => Math.max(most, score), 0);
      return best === 0 ? scores : scores.map((score) => score / best);
    },
  };
}

/** Scores each tool by the best of its groups, of which each is a text made of those of its tools; groups of fewer tools are none. */
function createGroups(
  names: readonly (readonly string[])[],
  texts: readonly TermCounts[],
  least = 1,
): (concepts: Concept[]) => Float64Array {
  const members = new Map<string, number[]>();
  for (const [tool, groups] of names.entries())
    for (const name of groups) {
      const those = members.get(name) ?? [];
      members.set(name, those);
      those.push(tool);
    }
  const groups = [...members.values()].filter((those) => those.length >= least);
  const score = createPostings(
    groups.map((those) => joinTerms(those.map((tool) => texts[tool] as TermCounts))),
  );
  return (concepts) => {
    const scores = score(concepts);
    const best = new Float64Array(texts.length);
    for (const [at, those] of groups.entries())
      for (const tool of those) best[tool] = Math.max(best[tool] as number, scores[at] as number);
    return best;
  };
}

/** A tool is about one of the words of its name, and which is not known: the verb's group has little in common with any question. */
function familiesOf(tool: ToolManifest): string[] {
  const type = typeOf(tool);
  return [...new Set(termsOf(tool.name.slice(type.length + 1)))].map((word) => `${type} ${word}`);
}

function joinTerms(texts: readonly TermCounts[]): TermCounts {
  const joined: TermCounts = new Map();
  for (const text of texts)
    for (const [term, count] of text) joined.set(term, (joined.get(term) ?? 0) + count / texts.length);
  return joined;
}

/** The part of a tool's name before the dot. */
export function typeOf(tool: Pick<ToolManifest, 'name'>): string {
  return tool.name.slice(0, tool.name.indexOf('.'));
}
