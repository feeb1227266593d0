import { distance } from 'fastest-levenshtein';
import { type Lexicon, type Meaning, type NamedItem, nameWords } from './lexicon.ts';
import { EMPTY_WORDS, NUMBER_WORDS, PHRASES, RELATION_VERBS, ROLES, sameStem } from './vocabulary.ts';

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

interface Raw {
  typed: string;
  words: string[];
}

interface Found {
  token: Token;
  /** Words of the question that it takes. */
  length: number;
}

const NAME = /[\p{L}\p{N}]+(?:[-_.:@][\p{L}\p{N}]+)*/gu;
const SHAPED_LIKE_A_NAME = /\d|[-_.:@]/;
const QUOTED = /["“”'‘`]([\p{L}\p{N}][^"“”`]{0,80}?)["“”'’`](?![\p{L}])/gu;

/** Finds in a question what the catalog names; mistyped names are read for the one name near them. */
export function scan(question: string, lexicon: Lexicon): Scanned {
  const quoted = [...question.matchAll(QUOTED)].map((match) => match[1] ?? '');
  const plain = PHRASES.reduce((text, [phrase, meant]) => text.replace(phrase, meant), question);
  const raws = [...plain.matchAll(NAME)].map(([typed]): Raw => ({ typed, words: nameWords(typed) }));
  const tokens: Token[] = [];
  const [unknownNames, unknownWords]: [string[], string[]] = [[], []];
  for (let at = 0; at < raws.length; ) {
    const { typed } = raws[at] as Raw;
    const isUnit = lexicon.units.has(typed.toLowerCase()) && /^\d+$/.test(raws[at - 1]?.typed ?? '');
    const isKnown = isUnit || isUnderstood(typed.toLowerCase(), lexicon);
    const found = named(raws, at, lexicon) ?? (isKnown ? null : guessed(raws, at, lexicon));
    tokens.push(found?.token ?? { text: typed.toLowerCase(), meaning: null });
    at += found?.length ?? 1;
    if (found || isKnown) continue;
    const isName =
      SHAPED_LIKE_A_NAME.test(typed) ||
      (at > 1 && /^\p{Lu}/u.test(typed)) ||
      quoted.some((text) => text.includes(typed));
    (isName ? unknownNames : unknownWords).push(typed);
  }
  return {
    tokens: excepted(beside(describedItems(tokens, lexicon), lexicon)),
    unknown_names: unknownNames,
    unknown_words: unknownWords,
  };
}

/** Verbs that open a question, even where something has that name: "search for …". */
const OPENS = /^(?:search|list|show|find|get|count|report|compare|name)$/;

/** The longest name that begins at a place. */
function named(raws: Raw[], at: number, { find, longest }: Lexicon): Found | null {
  for (let length = Math.min(longest, raws.length - at); length > 0; length -= 1) {
    const part = raws.slice(at, at + length);
    const meaning = find(part.flatMap((raw) => raw.words));
    const text = part.map((raw) => raw.typed.toLowerCase()).join(' ');
    if (meaning && !(meaning.kind === 'item' && at === 0 && OPENS.test(text)))
      return { token: { text, meaning }, length };
  }
  return null;
}

function isUnderstood(word: string, lexicon: Lexicon): boolean {
  const verbs = RELATION_VERBS.flatMap(({ words, inverse }) => [...words, ...inverse]);
  return (
    // "run-up", but not "node-1": what holds a number names something.
    (/^\p{L}+(?:-\p{L}+)+$/u.test(word) && word.split('-').every((part) => isUnderstood(part, lexicon))) ||
    EMPTY_WORDS.has(word) ||
    ROLES.has(word) ||
    word in NUMBER_WORDS ||
    /^\d+(?:[.,]\d+)?(?:%|ms|s|gb|mb|m|h|d|x|th|st|nd|rd|mins?|hrs?)?$/.test(word) ||
    [...verbs, ...lexicon.relation_words].some((verb) => sameStem(verb, word))
  );
}

/** What an unknown word may stand for: "the CT scanner", or the name that the words from here on are nearest to. */
function guessed(raws: Raw[], at: number, lexicon: Lexicon): Found | null {
  const read = (typed: string, meaning: Meaning, as: string, length: number): Found => ({
    token: { text: typed.toLowerCase(), meaning, read: { typed, as } },
    length,
  });
  const next = named(raws, at + 1, lexicon);
  const item = next && itemOfType((raws[at] as Raw).words, next.token, lexicon);
  if (item)
    return read(`${raws[at]?.typed} ${next.token.text}`, { kind: 'item', item }, item.code, next.length + 1);
  for (let length = Math.min(lexicon.longest, raws.length - at); length > 0; length -= 1) {
    const part = raws.slice(at, at + length);
    const near = nearest(part.flatMap((raw) => raw.words).join(' '), lexicon);
    if (near) return read(part.map((raw) => raw.typed).join(' '), near.meaning, near.as, length);
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

/** "the payments service" is the item alone; "the orders database" is the database of that name. */
function describedItems(tokens: Token[], lexicon: Lexicon): Token[] {
  const kept: Token[] = [];
  for (const token of tokens) {
    const before = kept.at(-1);
    const [meaning, earlier] = [token.meaning, before?.meaning];
    if (meaning?.kind === 'type' && earlier?.kind === 'item' && isSingular(token, lexicon)) {
      if (meaning.type === earlier.item.type || meaning.type === null) continue;
      const item = itemOfType(nameWords(earlier.item.code), token, lexicon);
      if (item) {
        kept.splice(-1, 1, { text: `${before?.text} ${token.text}`, meaning: { kind: 'item', item } });
        continue;
      }
    }
    if (meaning?.kind === 'item' && earlier?.kind === 'type' && isSingular(before as Token, lexicon))
      if (earlier.type === meaning.item.type || earlier.type === null) kept.pop();
    kept.push(token);
  }
  return kept;
}

function isSingular({ text }: Token, lexicon: Lexicon): boolean {
  return !text.endsWith('s') || lexicon.catalog.types.some((type) => type.name.toLowerCase() === text);
}

/** The one item of a type that has these words in its name. */
function itemOfType(words: string[], token: Token, lexicon: Lexicon): NamedItem | null {
  const { meaning } = token;
  if (meaning?.kind !== 'type' || meaning.type === null || !isSingular(token, lexicon)) return null;
  const found = lexicon.catalog.items.filter(
    ({ code, name, type }) =>
      type === meaning.type && words.every((word) => nameWords(`${code} ${name}`).includes(word)),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

const BOUND = /^(?:than|above|over|below|under|least|most|beyond|exceed\w*)$/;

/** Reads what only its neighbours tell: "8 cpu cores", "tier 1", "zone eu-1b", "in maintenance". */
function beside(tokens: Token[], { catalog }: Lexicon): Token[] {
  const read = [...tokens];
  for (const [at, token] of tokens.entries()) {
    const { meaning, text } = token;
    const status = catalog.attributes.status?.find((value) => value.toLowerCase() === text);
    if (status !== undefined && /^(?:in|under)$/.test(tokens[at - 1]?.text ?? ''))
      read[at] = { text, meaning: { kind: 'value', field: 'status', value: status } };
    if (meaning?.kind !== 'field') continue;
    const { field } = meaning;
    for (const near of [at - 1, at + 1]) {
      const value = tokens[near]?.text ?? '';
      // A number beside a field is its value, where some item has it. "More than 8 cores", "8 cores or more": a bound is none.
      const isBound = BOUND.test(tokens[near - 1]?.text ?? '') || tokens[at + 1]?.text === 'or';
      if (/^\d+(?:\.\d+)?$/.test(value) && catalog.attributes[field]?.includes(value) && !isBound)
        read[near] = { text: value, meaning: { kind: 'value', field, value } };
      const named = read[near]?.meaning;
      if (named?.kind === 'value' && named.field === field) read[at] = { text, meaning: null };
    }
  }
  return read;
}

/** Reads "not in production", "no owner" and "all but db-01" as what is left out; other negations stay, and no goal uses them. */
function excepted(tokens: Token[]): Token[] {
  const read = [...tokens];
  for (const [at, { text }] of tokens.entries()) {
    if (!/^(?:not|no|without|except|excluding|but)$/.test(text)) continue;
    // Nothing that asks for something stands between: "not written in python", "not owned by team-web".
    const isNext = (token: Token) =>
      token.meaning !== null || (ROLES.has(token.text) && !/^(?:by|owned)$/.test(token.text));
    const place = tokens.findIndex((token, later) => later > at && isNext(token));
    const meaning = tokens[place]?.meaning;
    const left =
      meaning?.kind === 'value'
        ? { field: meaning.field, value: meaning.value }
        : meaning?.kind === 'field' && /^(?:no|without)$/.test(text)
          ? { field: meaning.field }
          : meaning?.kind === 'item' && /^(?:except|excluding|but)$/.test(text)
            ? { field: 'code', value: meaning.item.code }
            : null;
    if (!left) continue;
    read[at] = { text: '', meaning: null };
    read[place] = { text: tokens[place]?.text ?? '', meaning: { kind: 'except', ...left } };
  }
  return read;
}
