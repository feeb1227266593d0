import { type Lexicon, type Meaning, type NamedItem, nameWords } from './lexicon.ts';
import { BOUND, numberOf, RELATION_VERBS, ROLES, stem } from './vocabulary.ts';

/** A word or phrase of a question. */
export interface Token {
  /** In lower case. */
  text: string;
  meaning: Meaning | null;
}

const WORD = new RegExp(String.raw`${BOUND}|[\p{L}\p{N}]+(?:[-_.:@][\p{L}\p{N}]+)*`, 'giu');
const SHAPED_LIKE_A_NAME = /\d|[-_.:@]/;
/** Verbs that open a question, even where something has that name: "search for …". */
const OPENS = /^(?:search|list|show|find|get|count|report|compare|name)$/;

/** Finds in a text what the catalog names. */
export function scan(text: string, lexicon: Lexicon) {
  const typed = [...text.matchAll(WORD)].map(([word]) => word);
  const tokens: Token[] = [];
  /** Words that look like a name of something, and nothing has it. */
  const unknown_names: string[] = [];
  /** Other words that mean nothing here. */
  const unknown_words: string[] = [];
  for (let at = 0; at < typed.length; ) {
    const word = typed[at] as string;
    const found = bound(word) ?? named(typed, at, lexicon);
    const token = found?.token ?? { text: word.toLowerCase(), meaning: null };
    const before = tokens.at(-1);
    const both = before && together(before, token, lexicon);
    if (both) tokens.pop();
    tokens.push(excepted(tokens, both || token));
    at += found?.length ?? 1;
    const isUnit = lexicon.units.has(token.text) && numberOf(before?.text) !== null;
    if (found || isUnit || isUnderstood(token.text, lexicon)) continue;
    const isName = SHAPED_LIKE_A_NAME.test(word) || (at > 2 && /^\p{Lu}/u.test(word));
    (isName ? unknown_names : unknown_words).push(word);
  }
  return { tokens, unknown_names, unknown_words };
}

/** A token, and how many words of the question it takes. */
interface Found {
  token: Token;
  length: number;
}

function bound(word: string): Found | null {
  const [, sign, inclusive, text = '', unit = ''] = new RegExp(BOUND, 'iu').exec(word) ?? [];
  const number = numberOf(text);
  if (number === null) return null;
  const side = sign === '>' ? 'above' : 'below';
  const meaning: Meaning = { kind: 'bound', side, number, inclusive: inclusive !== '', unit };
  return { token: { text, meaning }, length: 1 };
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
  return (
    ROLES.has(word) ||
    numberOf(word) !== null ||
    /^\d+(?:\.\d+)?(?:ms|s|gb|mb|m|h|d|x|th|st|nd|rd|mins?|hrs?)$/.test(word) ||
    RELATION_VERBS.has(stem(word)) ||
    lexicon.relation_stems.has(stem(word))
  );
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
  const [first, second] = [one.meaning, two.meaning];
  if (first?.kind === 'event' && second?.kind === 'event') {
    // "configuration changes"
    const types = second.types.filter((type) => first.types.includes(type));
    if (types.length > 0) return { text, meaning: { kind: 'event', types } };
  }
  for (const token of [one, two]) {
    const other = token === one ? two : one;
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
function excepted(before: Token[], token: Token): Token {
  // Nothing that asks for something stands between: "not written in python", "not owned by team-web".
  const asks = ({ text, meaning }: Token) =>
    meaning !== null || (ROLES.get(text)?.some((role) => role !== 'group') && text !== 'owned');
  const last = before.findLast(asks);
  const left = last && token.meaning && leftOut(last.text, token.meaning);
  if (!left) return token;
  last.text = '';
  return { text: token.text, meaning: { kind: 'except', ...left } };
}

function leftOut(negation: string, meaning: Meaning): { field: string; value?: string } | null {
  const negates = (words: string) => words.split(' ').includes(negation);
  if (meaning.kind === 'value' && negates('not no without except excluding but'))
    return { field: meaning.field, value: meaning.value };
  if (meaning.kind === 'field' && negates('no without')) return { field: meaning.fields[0] ?? '' };
  const isItem = meaning.kind === 'item' && negates('except excluding but');
  return isItem ? { field: 'code', value: meaning.item.code } : null;
}
