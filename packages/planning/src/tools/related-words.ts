import type { RelatedWords } from './lexical-scores.ts';
import { stemsOf, termsOf } from './terms.ts';
import wordnet from './wordnet-words.json' with { type: 'json' };
import work from './work-words.json' with { type: 'json' };

/** A word of the same group says nearly the same at work; one that WordNet relates may mean something else. */
const WORK_WEIGHT = 0.5;
const WORDNET_WEIGHT = 0.4;
/** What a single word of a phrase counts against the phrase. */
const PART_OF_PHRASE = 0.6;

/**
 * What people say instead of the words that interfaces use, as stems. From `work-words.json`, groups of words and phrases
 * with commas between, and `wordnet-words.json`, which `make-related-words.ts` derives from WordNet 3.1. Takes some 60 ms.
 */
export function createRelatedWords(): RelatedWords {
  const related = new Map<string, Map<string, number>>();
  const relate = (from: string, to: string, weight: number) => {
    if (from === to) return;
    const all = related.get(from) ?? new Map<string, number>();
    related.set(from, all);
    all.set(to, Math.max(all.get(to) ?? 0, weight));
  };
  for (const line of wordnet.words.split('\n')) {
    const [stem = '', ...others] = line.split(' ');
    // The last two digits are a percentage.
    for (const other of others)
      relate(stem, other.slice(0, -2), (WORDNET_WEIGHT * Number(other.slice(-2))) / 100);
  }
  for (const group of Object.values(work).flat()) {
    const entries = group.split(', ');
    for (const from of entries)
      for (const to of entries) {
        if (from === to) continue;
        const terms = termsOf(to);
        for (const term of terms)
          relate(stemsOf(from).join(' '), term, WORK_WEIGHT * (terms.length > 1 ? PART_OF_PHRASE : 1));
      }
  }
  return new Map([...related].map(([stem, others]) => [stem, [...others]]));
}

/** The same words for all who ask, made when the first one does. */
export function keepRelatedWords(): () => RelatedWords {
  let made: RelatedWords | null = null;
  return () => {
    made ??= createRelatedWords();
    return made;
  };
}
