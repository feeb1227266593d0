import { stemmer } from 'stemmer';
import { STOP_WORDS, wordsOf } from '../words.ts';

/** The words of a text that carry meaning, as stems, in order and with repetitions: "pinMessages of users" → pin, messag, user. */
export function termsOf(text: string): string[] {
  return wordsOf(splitCamelCase(text))
    .filter((word) => !STOP_WORDS.has(word))
    .map(stemmer);
}

/** `termsOf` for many texts, in which the same words stand again and again: to stem is what takes time. */
export function rememberTerms(): (text: string) => string[] {
  const known = new Map<string, string[]>();
  return (text) =>
    text.split(/\s+/).flatMap((word) => {
      const terms = known.get(word) ?? termsOf(word);
      known.set(word, terms);
      return terms;
    });
}

/** All words as stems, for phrases such as "get rid of". */
export function stemsOf(text: string): string[] {
  return wordsOf(splitCamelCase(text)).map(stemmer);
}

function splitCamelCase(text: string): string {
  return text.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2');
}
