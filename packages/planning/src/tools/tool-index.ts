import type { ToolManifest } from '@planyard/contracts';
import { stemsOf, termsOf } from './terms.ts';
import { type ToolText, textOfTool } from './tool-text.ts';
import { createVocabulary, type Vocabulary } from './vocabulary.ts';

/** Words that mean nearly the same, as stems with a weight below 1; a key of several stems is a phrase. */
export type RelatedWords = ReadonlyMap<string, readonly (readonly [stem: string, weight: number])[]>;

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
// BM25F: how fast repetitions stop to count, and how much long texts are held against a tool.
const K1 = 1.2;
const B = 0.5;
/** What the tools of the same type say together, against what a tool says for itself. */
const TYPE_SHARE = 0.7;
const MAX_PHRASE = 3;

interface Postings {
  docs: number[];
  weights: number[];
}

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
  const texts = tools.map((tool) => countTerms(textOfTool(tool)));
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

type Concept = readonly (readonly [stem: string, weight: number])[];

/** Each word of the question, and each phrase that is known, with what is related to it. */
function conceptsOf(question: string, related: RelatedWords, vocabulary: Vocabulary): Concept[] {
  const concepts: Concept[] = [...new Set(termsOf(question))].map((term) => [
    [term, 1],
    ...vocabulary.formsOf(term),
    ...(related.get(term) ?? []),
  ]);
  const stems = stemsOf(question);
  for (let size = 2; size <= MAX_PHRASE; size += 1)
    for (let at = 0; at + size <= stems.length; at += 1) {
      const phrase = related.get(stems.slice(at, at + size).join(' '));
      if (phrase) concepts.push(phrase);
    }
  return concepts;
}

function countTerms(text: ToolText): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [field, weight] of Object.entries(FIELDS))
    for (const term of termsOf(text[field as keyof ToolText]))
      counts.set(term, (counts.get(term) ?? 0) + weight);
  return counts;
}

function joinTerms(texts: Map<string, number>[]): Map<string, number> {
  const joined = new Map<string, number>();
  for (const text of texts)
    for (const [term, count] of text) joined.set(term, (joined.get(term) ?? 0) + count / texts.length);
  return joined;
}

/** Scores documents for concepts; the largest of a concept's words counts. */
function createPostings(texts: Map<string, number>[]): (concepts: Concept[]) => Float64Array {
  const lengths = texts.map((text) => [...text.values()].reduce((sum, count) => sum + count, 0));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  const postings = new Map<string, Postings>();
  texts.forEach((text, doc) => {
    const norm = K1 * (1 - B + (B * (lengths[doc] as number)) / (mean || 1));
    for (const [term, count] of text) {
      const list = postings.get(term) ?? { docs: [], weights: [] };
      postings.set(term, list);
      list.docs.push(doc);
      list.weights.push((count * (K1 + 1)) / (count + norm));
    }
  });
  for (const { docs, weights } of postings.values()) {
    const idf = Math.log(1 + (texts.length - docs.length + 0.5) / (docs.length + 0.5));
    for (let at = 0; at < weights.length; at += 1) weights[at] = (weights[at] as number) * idf;
  }
  return (concepts) => {
    const scores = new Float64Array(texts.length);
    const best = new Float64Array(texts.length);
    for (const concept of concepts) {
      const touched: number[] = [];
      for (const [term, weight] of concept) {
        const list = postings.get(term);
        if (!list) continue;
        for (let at = 0; at < list.docs.length; at += 1) {
          const doc = list.docs[at] as number;
          const value = weight * (list.weights[at] as number);
          if (best[doc] === 0) touched.push(doc);
          if (value > (best[doc] as number)) best[doc] = value;
        }
      }
      for (const doc of touched) {
        scores[doc] = (scores[doc] as number) + (best[doc] as number);
        best[doc] = 0;
      }
    }
    return scores;
  };
}

/** The part of a tool's name before the dot. */
export function typeOf(tool: Pick<ToolManifest, 'name'>): string {
  return tool.name.slice(0, tool.name.indexOf('.'));
}
