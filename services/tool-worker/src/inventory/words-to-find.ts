import { contentWords } from '@planyard/planning';

/** More words than this cost time and tell nothing more. */
const WORDS = 20;

/** The words of a query, and its parts with a hyphen, dot or underscore whole: "db-01" is one code, not "db" and "01". */
export function wordsToFind(query: string): string[] {
  const text = query.toLowerCase().replaceAll('\0', '');
  const whole = text.match(/[\p{L}\p{N}]+(?:[._/-][\p{L}\p{N}]+)+/gu) ?? [];
  const rest = whole.reduce((left, part) => left.replaceAll(part, ' '), text);
  return [...new Set([...whole, ...contentWords(rest)])].slice(0, WORDS);
}
