import { stemsOf, termsOf } from './terms.ts';
import type { Vocabulary } from './vocabulary.ts';

// BM25F: how fast repetitions stop to count, and how much long texts are held against a tool.
const K1 = 1.2;
const B = 0.5;
const MAX_PHRASE = 3;
/** Words that may stand within one of two words: "call off" in "call Friday's meeting off". */
const MAX_BETWEEN = 3;

/** Words that mean nearly the same, as stems with a weight below 1; a key of several stems is a phrase. */
export type RelatedWords = ReadonlyMap<string, readonly (readonly [stem: string, weight: number])[]>;

/** A word of a question, by itself and by the words that are related to it. */
export type Concept = readonly (readonly [stem: string, weight: number])[];

/** Each word of the question, and each phrase that is known, with what is related to it. */
export function conceptsOf(question: string, related: RelatedWords, vocabulary: Vocabulary): Concept[] {
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
  for (const [at, first] of stems.entries())
    for (const last of stems.slice(at + 2, at + 2 + MAX_BETWEEN)) {
      const phrase = related.get(`${first} ${last}`);
      if (phrase) concepts.push(phrase);
    }
  return concepts;
}

/** How often each term is in a text, by the weights of the places where it stands. */
export type TermCounts = Map<string, number>;

/** The terms of a text of several fields, each of which counts by its weight. */
export function countTerms<Field extends string>(
  text: Readonly<Record<Field, string>>,
  weights: Readonly<Record<Field, number>>,
  terms: (text: string) => string[] = termsOf,
): TermCounts {
  const counts: TermCounts = new Map();
  for (const field of Object.keys(weights) as Field[])
    for (const term of terms(text[field])) counts.set(term, (counts.get(term) ?? 0) + weights[field]);
  return counts;
}

interface Postings {
  docs: number[];
  weights: number[];
}

/** Scores documents for concepts by BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009); the largest of a concept's words counts. */
export function createPostings(texts: readonly TermCounts[]): (concepts: Concept[]) => Float64Array {
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
