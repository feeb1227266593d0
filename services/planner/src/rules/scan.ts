import { distance } from 'fastest-levenshtein';
import type { Lexicon, Meaning, NamedItem } from './lexicon.ts';
import { nameWords } from './lexicon.ts';
import {
  ANY_EVENT,
  GLUE_WORDS,
  HIGHEST,
  LOWEST,
  NUMBER_WORDS,
  RELATION_VERBS,
  sameStem,
} from './vocabulary.ts';

/** A word or phrase of a question. */
export interface Token {
  /** In lower case. */
  text: string;
  meaning: Meaning | null;
  /** What was typed, where it was read as something else. */
  read_for?: string;
}

export interface Scanned {
  tokens: Token[];
  /** Words that look like a name of something, and nothing has it. */
  unknown_names: string[];
  /** Other words that mean nothing here. */
  unknown_words: string[];
}

interface Raw {
  typed: string;
  words: string[];
  first: boolean;
}

const NAME = /[\p{L}\p{N}]+(?:[-_.:@][\p{L}\p{N}]+)*/gu;
const SHAPED_LIKE_A_NAME = /\d|[-_.:@]/;

/** Finds in a question what the catalog names; mistyped names are read for the one name near them. */
export function scan(question: string, lexicon: Lexicon): Scanned {
  const quoted = [...question.matchAll(/["“”'‘`]([\p{L}\p{N}][^"“”`]{0,80}?)["“”'’`](?![\p{L}])/gu)].map(
    (match) => match[1] ?? '',
  );
  const plain = question.replace(/['’]s\b/g, '').replace(/n['’]t\b/g, '');
  const raws = [...plain.matchAll(NAME)].map(
    (match): Raw => ({ typed: match[0], words: nameWords(match[0]), first: (match.index ?? 0) === 0 }),
  );
  const tokens: Token[] = [];
  const unknownNames: string[] = [];
  const unknownWords: string[] = [];
  for (let at = 0; at < raws.length; ) {
    const found = longestMatch(raws, at, lexicon);
    if (found) {
      tokens.push(found.token);
      at += found.length;
      continue;
    }
    const raw = raws[at] as Raw;
    at += 1;
    const token: Token = { text: raw.typed.toLowerCase(), meaning: null };
    tokens.push(token);
    if (isUnderstood(token.text) || [...lexicon.relation_words].some((word) => sameStem(word, token.text)))
      continue;
    if (lexicon.units.has(token.text) && /^\d+$/.test(raws[at - 2]?.typed ?? '')) continue;
    const near = describedOf(raws, at - 1, lexicon) ?? nearestOf(raws, at - 1, lexicon);
    if (near) {
      at += near.length - 1;
      token.text = near.typed.toLowerCase();
      token.meaning = near.meaning;
      token.read_for = near.typed;
      continue;
    }
    const named =
      SHAPED_LIKE_A_NAME.test(raw.typed) ||
      (!raw.first && /^\p{Lu}/u.test(raw.typed)) ||
      quoted.some((text) => text.includes(raw.typed));
    (named ? unknownNames : unknownWords).push(raw.typed);
  }
  return {
    tokens: statesOf(namedValues(numbersOfFields(describedItems(tokens, lexicon), lexicon)), lexicon),
    unknown_names: unknownNames,
    unknown_words: unknownWords,
  };
}

function longestMatch(raws: Raw[], at: number, lexicon: Lexicon): { token: Token; length: number } | null {
  for (let length = Math.min(lexicon.longest, raws.length - at); length > 0; length -= 1) {
    const part = raws.slice(at, at + length);
    const words = part.flatMap((raw) => raw.words);
    if (words.length > lexicon.longest) continue;
    const meaning = lexicon.find(words);
    if (!meaning) continue;
    const text = part.map((raw) => raw.typed.toLowerCase()).join(' ');
    // "search for …": a verb that opens the question, even where something has that name.
    if (meaning.kind === 'item' && at === 0 && length === 1 && VERBS_THAT_OPEN.has(text)) return null;
    return { token: { text, meaning }, length };
  }
  return null;
}

const VERBS_THAT_OPEN = new Set([
  'search',
  'list',
  'show',
  'find',
  'get',
  'count',
  'report',
  'compare',
  'name',
]);

function isUnderstood(word: string): boolean {
  return (
    // "run-up", but not "node-1": what holds a number names something.
    (/^\p{L}+(?:-\p{L}+)+$/u.test(word) && word.split('-').every(isUnderstood)) ||
    GLUE_WORDS.has(word) ||
    ANY_EVENT.has(word) ||
    HIGHEST.test(word) ||
    LOWEST.test(word) ||
    word in NUMBER_WORDS ||
    /^\d+(?:[.,]\d+)?(?:%|ms|s|gb|mb|m|h|d|x|th|st|nd|rd|mins?|hrs?)?$/.test(word) ||
    /^p\d{2}$/.test(word) ||
    RELATION_VERBS.some(({ words, inverse }) => [...words, ...inverse].some((verb) => sameStem(verb, word)))
  );
}

/** "the CT scanner": the one item of a type that has this word in its name. */
function describedOf(
  raws: Raw[],
  at: number,
  lexicon: Lexicon,
): { meaning: Meaning; typed: string; length: number } | null {
  const [raw, next] = [raws[at] as Raw, longestMatch(raws, at + 1, lexicon)];
  const type = next?.token.meaning?.kind === 'type' ? next.token.meaning.type : null;
  if (!next || type === null || !isSingular(next.token, lexicon)) return null;
  const found = lexicon.catalog.items.filter(
    ({ code, name, ...item }) =>
      item.type === type && raw.words.every((word) => nameWords(`${code} ${name}`).includes(word)),
  );
  const [item] = found;
  if (!item || found.length > 1) return null;
  return {
    meaning: { kind: 'item', item },
    typed: `${raw.typed} ${next.token.text}`,
    length: next.length + 1,
  };
}

/** The name that the words from here on are nearest to, the most words first. */
function nearestOf(
  raws: Raw[],
  at: number,
  lexicon: Lexicon,
): { meaning: Meaning; typed: string; length: number } | null {
  for (let length = Math.min(lexicon.longest, raws.length - at); length > 0; length -= 1) {
    const part = raws.slice(at, at + length);
    const meaning = nearest(part.flatMap((raw) => raw.words).join(' '), lexicon);
    if (meaning) return { meaning, typed: part.map((raw) => raw.typed).join(' '), length };
  }
  return null;
}

/** The one name within a slip or two of the word; null when there is none or several are as near. */
function nearest(word: string, lexicon: Lexicon): Meaning | null {
  const allowed = word.length < 4 ? 0 : word.length < 7 ? 1 : 2;
  let best = allowed + 1;
  let meanings: Meaning[] = [];
  for (const { text, meaning } of lexicon.names) {
    if (Math.abs(text.length - word.length) > allowed) continue;
    // host-99 is not host-09 mistyped: numbers are told apart by their digits.
    if (digitsOf(text) !== digitsOf(word)) continue;
    const slips = distance(text, word);
    if (slips > best || slips > allowed) continue;
    if (slips < best) meanings = [];
    best = slips;
    meanings.push(meaning);
  }
  const different = new Set(meanings.map((meaning) => JSON.stringify(meaning)));
  return different.size === 1 ? (meanings[0] ?? null) : null;
}

function digitsOf(text: string): string {
  return text.replace(/\D+/g, ' ').trim();
}

/** Known names most like a word that is none, for "did you mean". */
export function similarNames(word: string, lexicon: Lexicon, count = 3): string[] {
  const wanted = nameWords(word);
  const text = wanted.join(' ');
  return lexicon.catalog.items
    .map((item) => {
      const code = nameWords(item.code);
      const shared = code.filter((part) => wanted.includes(part)).length;
      return {
        code: item.code,
        score: distance(code.join(' '), text) - 3 * shared,
        limit: Math.max(3, text.length * 0.6),
      };
    })
    .filter(({ score, limit }) => score <= limit)
    .sort((a, b) => a.score - b.score || (a.code < b.code ? -1 : 1))
    .slice(0, count)
    .map(({ code }) => code);
}

/** "8 cpu cores", "tier 1": a number beside a field is that field's value, where some item has it. */
function numbersOfFields(tokens: Token[], { catalog }: Lexicon): Token[] {
  const read = [...tokens];
  for (const [at, token] of tokens.entries()) {
    if (token.meaning?.kind !== 'field') continue;
    const { field } = token.meaning;
    for (const near of [at - 1, at + 1]) {
      const text = tokens[near]?.text ?? '';
      if (!/^\d+(?:\.\d+)?$/.test(text) || !catalog.attributes[field]?.includes(text)) continue;
      // "more than 8 cores", "8 cores or more": a bound is no value.
      if (BOUND.test(tokens[near - 1]?.text ?? '') || tokens[at + 1]?.text === 'or') continue;
      read[near] = { text, meaning: { kind: 'value', field, value: text } };
      read[at] = { text: token.text, meaning: null };
      break;
    }
  }
  return read;
}

/** "zone eu-1b", "python language": a field beside its value says nothing more. */
function namedValues(tokens: Token[]): Token[] {
  return tokens.map((token, at) => {
    const { meaning } = token;
    if (meaning?.kind !== 'field') return token;
    const beside = [tokens[at - 1]?.meaning, tokens[at + 1]?.meaning];
    const named = beside.some((each) => each?.kind === 'value' && each.field === meaning.field);
    return named ? { ...token, meaning: null } : token;
  });
}

/** "in maintenance", "under repair": a status, even where an event has that name. */
function statesOf(tokens: Token[], { catalog }: Lexicon): Token[] {
  return tokens.map((token, at) => {
    const value = catalog.attributes.status?.find((each) => each.toLowerCase() === token.text);
    const isState = value !== undefined && /^(?:in|under)$/.test(tokens[at - 1]?.text ?? '');
    return isState ? { ...token, meaning: { kind: 'value', field: 'status', value } } : token;
  });
}

const BOUND = /^(?:than|above|over|below|under|least|most|beyond|exceed\w*)$/;

/** "the payments service" is the item alone; "the orders database" is the database of that name. */
function describedItems(tokens: Token[], lexicon: Lexicon): Token[] {
  const kept: Token[] = [];
  for (const token of tokens) {
    const before = kept.at(-1);
    if (token.meaning?.kind === 'type' && before?.meaning?.kind === 'item' && isSingular(token, lexicon)) {
      const type = token.meaning.type;
      if (type === before.meaning.item.type || type === null) continue;
      const other = itemOfType(before.meaning.item, type, lexicon);
      if (other) {
        kept[kept.length - 1] = {
          text: `${before.text} ${token.text}`,
          meaning: { kind: 'item', item: other },
        };
        continue;
      }
    }
    if (
      token.meaning?.kind === 'item' &&
      before?.meaning?.kind === 'type' &&
      (before.meaning.type === token.meaning.item.type || before.meaning.type === null) &&
      isSingular(before, lexicon)
    )
      kept.pop();
    kept.push(token);
  }
  return kept;
}

function isSingular({ text }: Token, lexicon: Lexicon): boolean {
  return !text.endsWith('s') || lexicon.catalog.types.some((type) => type.name.toLowerCase() === text);
}

function itemOfType(item: NamedItem, type: string, lexicon: Lexicon): NamedItem | null {
  const words = nameWords(item.code);
  const found = lexicon.catalog.items.filter(
    (each) => each.type === type && words.every((word) => nameWords(each.code).includes(word)),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}
