/** Words that carry no subject of a question. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  'a an and are as at be been by can could did do does for from had has have how i if in into is it its me my of on or our please show tell that the their them there these they this to us was we were what when where which who whom whose why will with would you your about all any each every many much most some'.split(
    ' ',
  ),
);

/** The words of a text in lower case, with `_`, `-` and `.` as separators. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The words that carry meaning, without plural endings, so that "databases" meets "database". */
export function contentWords(text: string): Set<string> {
  return new Set(
    wordsOf(text)
      .filter((word) => !STOP_WORDS.has(word))
      .map(singular),
  );
}

/** A noun without its English plural ending: "queues" → "queue", "entries" → "entry", "apis" → "api"; "status" and "analysis" stay. */
export function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:ss|sh|ch|x|zz)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith('s') && !/(?:ss|us|(?<!p)is)$/.test(word)) return word.slice(0, -1);
  return word;
}
