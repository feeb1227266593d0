import { wordsOf } from '@planyard/planning';

/** Splits names as people write them: "orders-db", "orders_db", "ordersDb" and "Orders DB" are the same words. */
export function nameWords(name: string): string[] {
  return wordsOf(name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'));
}

const NUMBERS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
export const NUMBER = String.raw`(?:\d+(?:\.\d+)?|(?:${NUMBERS.join('|')})\b)`;

/** "5", "1.5", "five"; null where it is no number. */
export function numberOf(text = ''): number | null {
  const at = NUMBERS.indexOf(text.toLowerCase());
  if (at >= 0) return at;
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
}

/** The base form of a verb or noun, roughly and without a silent e: "uses", "used", "using" → "us". */
function stem(word: string): string {
  return word
    .replace(/(?<=..)ie[sd]$/, 'y')
    .replace(/(?<=..)(?:ing|(?<!e)ed|(?<![su])s)$/, '')
    .replace(/([bdglmnprt])\1$/, '$1')
    .replace(/e$/, '');
}

/** Of every word of a phrase. */
export const stems = (phrase: string): string => nameWords(phrase).map(stem).join(' ');

/** The names with a word that begins with one of the parts, in the order of the parts, the shortest first. */
export function withParts(names: string[], parts: string[]): string[] {
  const holds = (name: string, part: string) => nameWords(name).some((word) => word.startsWith(part));
  const found = parts.flatMap((part) =>
    names.filter((name) => holds(name, part)).sort((a, b) => a.length - b.length),
  );
  return [...new Set(found)];
}
