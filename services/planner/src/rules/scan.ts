import { distance } from 'fastest-levenshtein';
import { type Lexicon, type Meaning, type NamedItem, nameWords } from './lexicon.ts';
import { BOUND, numberOf, RELATION_VERBS, ROLES, stem } from './vocabulary.ts';

/** A word or phrase of a question. */
export interface Token {
  /** In lower case. */
  text: string;
  meaning: Meaning | null;
  /** What was typed and what it was read as, where that is something else. */
  read?: { typed: string; as: string };
}

export interface Scanned {
  tokens: Token[];
  /** Words that look like a name of something, and nothing has it. */
  unknown_names: string[];
  /** Other words that mean nothing here. */
  unknown_words: string[];
}

const WORD = new RegExp(String.raw`${BOUND}|[\p{L}\p{N}]+(?:[-_.:@][\p{L}\p{N}]+)*`, 'giu');
const SHAPED_LIKE_A_NAME = /\d|[-_.:@]/;
const QUOTED = /["“”'‘`]([\p{L}\p{N}][^"“”`]{0,80}?)["“”'’`](?![\p{L}])/gu;
/** Verbs that open a question, even where something has that name: "search for …". */
const OPENS = /^(?:search|list|show|find|get|count|report|compare|name)$/;

/** Finds in a text what the catalog names; mistyped names are read for the one name near them. */
export function scan(text: string, lexicon: Lexicon): Scanned {
  const quoted = [...text.matchAll(QUOTED)].map((match) => match[1] ?? '');
  const typed = [...text.matchAll(WORD)].map(([word]) => word);
  const scanned: Scanned = { tokens: [], unknown_names: [], unknown_words: [] };
  for (let at = 0; at < typed.length; ) {
    const word = typed[at] as string;
    const isUnit = lexicon.units.has(word.toLowerCase()) && /\d$/.test(typed[at - 1] ?? '');
    const isKnown = isUnit || isUnderstood(word.toLowerCase(), lexicon);
    const found = bound(word) ?? named(typed, at, lexicon) ?? (isKnown ? null : guessed(typed, at, lexicon));
    scanned.tokens.push(found?.token ?? { text: word.toLowerCase(), meaning: null });
    at += found?.length ?? 1;
    if (found || isKnown) continue;
    const isCapital = at > 2 && /^\p{Lu}/u.test(word);
    const isName = isCapital || SHAPED_LIKE_A_NAME.test(word) || quoted.some((part) => part.includes(word));
    scanned[isName ? 'unknown_names' : 'unknown_words'].push(word);
  }
  const joined: Token[] = [];
  for (const token of scanned.tokens) {
    const before = joined.at(-1);
    const both = before && together(before, token, lexicon);
    if (both) joined.pop();
    joined.push(both || token);
  }
  return { ...scanned, tokens: excepted(joined) };
}

/** A token, and how many words of the question it takes. */
interface Found {
  token: Token;
  length: number;
}

function bound(word: string): Found | null {
  const [, side, inclusive, number = '', unit = ''] = new RegExp(BOUND, 'iu').exec(word) ?? [];
  const value = numberOf(number);
  if (value === null) return null;
  const bound = { number: value, inclusive: inclusive === '=', unit };
  return {
    token: { text: number, meaning: { kind: 'bound', side: side === '>' ? 'above' : 'below', ...bound } },
    length: 1,
  };
}

/** The longest name that begins at a place. */
function named(typed: string[], from: number, { find, longest }: Lexicon): Found | null {
  for (let length = Math.min(longest, typed.length - from); length > 0; length -= 1) {
    const part = typed.slice(from, from + length);
    const meaning = find(part.flatMap(nameWords));
    const text = part.join(' ').toLowerCase();
    if (meaning && !(meaning.kind === 'item' && from === 0 && OPENS.test(text)))
      return { token: { text, meaning }, length };
  }
  return null;
}

function isUnderstood(word: string, lexicon: Lexicon): boolean {
  // "run-up", but not "node-1": what holds a number names something.
  if (/^\p{L}+(?:-\p{L}+)+$/u.test(word)) return word.split('-').every((part) => isUnderstood(part, lexicon));
  const verbs = RELATION_VERBS.flatMap(({ words, parts }) => [...words, ...parts]);
  return (
    ROLES.has(word) ||
    numberOf(word) !== null ||
    /^\d+(?:\.\d+)?(?:ms|s|gb|mb|m|h|d|x|th|st|nd|rd|mins?|hrs?)$/.test(word) ||
    [...verbs, ...lexicon.relation_words].some((verb) => stem(verb) === stem(word))
  );
}

/** What an unknown word may stand for: "the CT scanner", or the name that the words from here on are nearest to. */
function guessed(typed: string[], from: number, lexicon: Lexicon): Found | null {
  const read = (length: number, meaning: Meaning, as: string): Found => {
    const text = typed.slice(from, from + length).join(' ');
    return { token: { text: text.toLowerCase(), meaning, read: { typed: text, as } }, length };
  };
  const next = named(typed, from + 1, lexicon);
  const item = next && itemOfType(nameWords(typed[from] as string), next.token, lexicon);
  if (item) return read(next.length + 1, { kind: 'item', item }, item.code);
  for (let length = Math.min(lexicon.longest, typed.length - from); length > 0; length -= 1) {
    const near = nearest(
      typed
        .slice(from, from + length)
        .flatMap(nameWords)
        .join(' '),
      lexicon,
    );
    if (near) return read(length, near.meaning, near.as);
  }
  return null;
}

/** The one name within a slip or two of the word; null when there is none or several are as near. */
function nearest(word: string, lexicon: Lexicon): Lexicon['names'][number] | null {
  const allowed = word.length < 4 ? 0 : word.length < 7 ? 1 : 2;
  // host-99 is not host-09 mistyped: numbers are told apart by their digits.
  const digits = (text: string) => text.replace(/\D+/g, ' ').trim();
  const slips = lexicon.names
    .filter(({ text }) => Math.abs(text.length - word.length) <= allowed && digits(text) === digits(word))
    .map((name) => ({ name, count: distance(name.text, word) }));
  const fewest = Math.min(allowed, ...slips.map(({ count }) => count));
  const near = slips.filter(({ count }) => count === fewest).map(({ name }) => name);
  return new Set(near.map(({ as }) => as)).size === 1 ? (near[0] ?? null) : null;
}

/** The one item of a type that has these words in its name. */
function itemOfType(words: string[], token: Token, lexicon: Lexicon): NamedItem | null {
  const { meaning } = token;
  if (meaning?.kind !== 'type' || meaning.type === null || !isSingular(token, lexicon)) return null;
  const [found, other] = lexicon.catalog.items.filter(
    ({ code, name, type }) =>
      type === meaning.type && words.every((word) => nameWords(`${code} ${name}`).includes(word)),
  );
  return found && !other ? found : null;
}

export function isSingular({ text }: Token, { catalog }: Lexicon): boolean {
  return !text.endsWith('s') || catalog.types.some((type) => type.name.toLowerCase() === text);
}

/** What neighbours mean that only both tell; null where each means its own. */
function together(one: Token, two: Token, lexicon: Lexicon): Token | null {
  const text = `${one.text} ${two.text}`;
  const { attributes } = lexicon.catalog;
  for (const [token, other] of [
    [one, two],
    [two, one],
  ] as const) {
    const [a, b] = [token.meaning, other.meaning];
    if (a?.kind === 'item' && b?.kind === 'type' && isSingular(other, lexicon)) {
      // "the payments service" is the item alone; "the orders database" is the database of that name.
      if (b.type === null || b.type === a.item.type) return { text, meaning: a };
      const item = other === two ? itemOfType(nameWords(a.item.code), other, lexicon) : null;
      if (item) return { text, meaning: { kind: 'item', item } };
    }
    // "8 cpu cores", "tier 1", "zone eu-1b"
    const [field = ''] = a?.kind === 'field' ? a.fields : [];
    if (b?.kind === 'value' && b.field === field) return { text, meaning: b };
    if (b === null && /^\d/.test(other.text) && attributes[field]?.includes(other.text))
      return { text, meaning: { kind: 'value', field, value: other.text } };
  }
  const status = attributes.status?.find((value) => value.toLowerCase() === two.text);
  if (!status || !/^(?:in|under)$/.test(one.text)) return null;
  return { text, meaning: { kind: 'value', field: 'status', value: status } };
}

/** Reads "not in production", "no owner" and "all but db-01" as what is left out; other negations stay, and no goal uses them. */
function excepted(tokens: Token[]): Token[] {
  const read = [...tokens];
  for (const [at, { text }] of tokens.entries()) {
    if (!/^(?:not|no|without|except|excluding|but)$/.test(text)) continue;
    // Nothing that asks for something stands between: "not written in python", "not owned by team-web".
    const asks = (token: Token) =>
      token.meaning !== null || (ROLES.get(token.text)?.length && !/^(?:by|owned)$/.test(token.text));
    const place = tokens.findIndex((token, later) => later > at && asks(token));
    const next = tokens[place];
    const left = next?.meaning && leftOut(text, next.meaning);
    if (!left) continue;
    read[at] = { text: '', meaning: null };
    read[place] = { text: next.text, meaning: { kind: 'except', ...left } };
  }
  return read;
}

function leftOut(negation: string, meaning: Meaning): { field: string; value?: string } | null {
  if (meaning.kind === 'value') return { field: meaning.field, value: meaning.value };
  if (meaning.kind === 'field' && /^(?:no|without)$/.test(negation))
    return { field: meaning.fields[0] ?? '' };
  const isItem = meaning.kind === 'item' && /^(?:except|excluding|but)$/.test(negation);
  return isItem ? { field: 'code', value: meaning.item.code } : null;
}
