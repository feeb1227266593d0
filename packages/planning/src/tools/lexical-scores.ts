import { stemsOf, termsOf } from './terms.ts';
import type { Vocabulary } from './vocabulary.ts';

/** BM25F: how fast repetitions stop to count. */
const K1 = 2;
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

/** The terms of a text by the fields that they stand in. */
export type FieldTerms<Field extends string> = Readonly<Record<Field, readonly string[]>>;

/** How much a term counts in a field, and how much of that is shared out over a field that is longer than others: 0 none, 1 all. */
export type FieldWeights<Field extends string> = Readonly<Record<Field, { weight: number; shared: number }>>;

/** How often each term is in a text, by the weights of the fields where it stands. */
export type TermCounts = Map<string, number>;

export function countTerms<Field extends string>(
  texts: readonly FieldTerms<Field>[],
  weights: FieldWeights<Field>,
): TermCounts[] {
  const counts = texts.map((): TermCounts => new Map());
  for (const field of Object.keys(weights) as Field[]) {
    const { weight, shared } = weights[field];
    const mean = texts.reduce((sum, text) => sum + text[field].length, 0) / texts.length;
    for (const [at, own] of counts.entries()) {
      const terms = (texts[at] as FieldTerms<Field>)[field];
      const each = weight / (1 - shared + (shared * terms.length) / mean);
      for (const term of terms) own.set(term, (own.get(term) ?? 0) + each);
    }
  }
  return counts;
}

interface Postings {
  docs: number[];
  weights: number[];
}

/** Scores documents for concepts by BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009); the largest of a concept's words counts. */
export function createPostings(texts: readonly TermCounts[]): (concepts: Concept[]) => Float64Array {
  const postings = new Map<string, Postings>();
  texts.forEach((text, doc) => {
    for (const [term, count] of text) {
      const list = postings.get(term) ?? { docs: [], weights: [] };
      postings.set(term, list);
      list.docs.push(doc);
      list.weights.push((count * (K1 + 1)) / (count + K1));
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
