import type { Lexicon } from './lexicon.ts';
import type { Kind, Meaning, NamedItem } from './meaning.ts';
import { nameWords, numberOf } from './words.ts';

/** A word or phrase of a question and what it stands for. */
export interface Word {
  text: string;
  meaning: Meaning;
}

const TYPED = /[<>]=?|%|[\p{L}\p{N}]+(?:[-_.:@][\p{L}\p{N}]+)*/gu;
const SPELLINGS: [RegExp, string][] = [
  [/n['’]t\b/gi, ' not'],
  [/['’]s\b/g, ''],
  [/\b(most|least)-(?=\w)/gi, '$1 '],
  [/(?<=\d),(?=\d{3}(?!\d))/g, ''],
  [/(?<=\d ?)percent\b/gi, '%'],
  [/(?<![\w.-])(\d+(?:\.\d+)?)(ms|s|[kmgt]b)\b/gi, '$1 $2'],
];

/** The words of a question: those of a phrase as one, and neighbours as one that mean something only together. */
export function readWords(text: string, lexicon: Lexicon): Word[] {
  const plain = SPELLINGS.reduce((left, [spelled, meant]) => left.replace(spelled, meant), text);
  const typed = plain.match(TYPED) ?? [];
  const words: Word[] = [];
  for (let at = 0; at < typed.length; ) {
    const { length, meanings } = phraseAt(typed, at, lexicon);
    // "Busiest" is two words: the most, and load.
    for (const meaning of meanings)
      addWord(words, { text: typed.slice(at, at + length).join(' '), meaning }, lexicon);
    at += length;
  }
  return words.map((word, at) =>
    isApart(word, words.slice(0, at)) ? { ...word, meaning: { kind: 'apart' } } : word,
  );
}

/** The longest phrase that begins at a place. */
function phraseAt(typed: string[], from: number, { find, longest }: Lexicon) {
  for (let length = Math.min(longest, typed.length - from); length > 0; length -= 1) {
    const part = typed.slice(from, from + length);
    const meanings = find(part.flatMap((word) => (/\w/.test(word) ? nameWords(word) : word)).join(' '));
    if (meanings) return { length, meanings };
  }
  const kind = numberOf(typed[from]) === null ? 'unknown' : 'number';
  return { length: 1, meanings: [{ kind } satisfies Meaning] };
}

function addWord(words: Word[], word: Word, lexicon: Lexicon): void {
  const before = words.at(-1);
  const both = before && together(before, word, lexicon);
  if (both) {
    words[words.length - 1] = { text: `${before.text} ${word.text}`, meaning: both };
    return;
  }
  words.push(word);
  const said = words.slice(0, -1).filter(({ meaning }) => meaning.kind !== 'filler');
  // "not in production", "not owned by team-web or team-data"
  const not = said.findLast(({ meaning }) => meaning.kind !== 'owns' && meaning.kind !== 'each');
  const isListed = not?.meaning.kind === 'except' && /^(?:and|or)$/i.test(before?.text ?? '');
  const left = not?.meaning.kind === 'not' || isListed ? leftOut(word.meaning) : null;
  const each = said.at(-1);
  if (left) Object.assign(word, { meaning: left });
  if (not && left && !isListed) not.meaning = { kind: 'filler' };
  if (each?.meaning.kind !== 'each') return;
  each.meaning = eachOf(each, word);
  if (each.meaning.kind === 'bucket') word.meaning = { kind: 'filler' };
  if (word.meaning.kind === 'field') word.meaning = { ...word.meaning, kind: 'group' };
}

const BOUNDS: Partial<Record<Kind, { side: 'above' | 'below'; inclusive: boolean }>> = {
  above: { side: 'above', inclusive: false },
  at_least: { side: 'above', inclusive: true },
  below: { side: 'below', inclusive: false },
  at_most: { side: 'below', inclusive: true },
};

/** What neighbours mean that only both tell; null where each means its own. */
function together(one: Word, two: Word, { catalog: { attributes, items }, units }: Lexicon): Meaning | null {
  const [a, b] = [one.meaning, two.meaning];
  const text = two.text.toLowerCase();
  const bound = BOUNDS[a.kind];
  if (bound && b.kind === 'number')
    return { kind: 'bound', ...bound, number: numberOf(text) ?? 0, unit: null };
  if (a.kind === 'bound' && b.kind === 'unknown' && units.has(text)) return { ...a, unit: text };
  if (a.kind === 'number' && /^(?:minute|hour|day|week)s?$/.test(text)) return { kind: 'span' };
  if (a.kind === 'relation' && text === 'by') return a;
  if (/^(?:in|under)$/i.test(one.text) && attributes.status?.includes(text))
    return { kind: 'value', field: 'status', value: text };
  // "configuration changes"
  if (a.kind === 'event' && b.kind === 'event') {
    const types = b.types.filter((type) => a.types.includes(type));
    if (types.length > 0) return { kind: 'event', types };
  }
  for (const [x, y, other] of [
    [a, b, text],
    [b, a, one.text],
  ] as const) {
    // "the payments service" is the item alone, "the orders database" the one of that name.
    if (x.kind === 'item' && y.kind === 'type' && !other.endsWith('s')) {
      const ofType =
        y.type === null || y.type === x.item.type ? [x.item] : items.filter(isNamed(x.item.code, y.type));
      if (ofType.length === 1 && ofType[0]) return { kind: 'item', item: ofType[0] };
    }
    // "zone eu-1b", "not tier 1", "8 cpu cores"
    if (x.kind !== 'field' && !(x.kind === 'except' && x.value === undefined)) continue;
    if ((y.kind === 'attribute' || y.kind === 'value') && y.field === x.field)
      return { ...y, kind: x.kind === 'except' ? x.kind : y.kind };
    if (y.kind === 'number' && attributes[x.field]?.includes(other))
      return { kind: x.kind === 'except' ? x.kind : 'attribute', field: x.field, value: other };
  }
  return null;
}

/** Whether an item of a type has all words of a name in its own. */
function isNamed(name: string, type: string) {
  return (item: NamedItem) =>
    item.type === type &&
    nameWords(name).every((word) => nameWords(`${item.code} ${item.name}`).includes(word));
}

function leftOut(meaning: Meaning): Meaning | null {
  if (meaning.kind === 'value' || meaning.kind === 'attribute') return { ...meaning, kind: 'except' };
  if (meaning.kind === 'field') return { kind: 'except', field: meaning.field };
  return meaning.kind === 'item' ? { kind: 'except', field: 'code', value: meaning.item.code } : null;
}

/** "by owner", "per host", "by day"; the "by" of "made by Siemens" and "most loaded by memory" asks for nothing. */
function eachOf(each: Word, { text, meaning }: Word): Meaning {
  const [bucket] = /^(?:hour|day)/.exec(text) ?? [];
  if (bucket) return { kind: 'bucket', bucket: `1${bucket.charAt(0)}` };
  if (meaning.kind === 'type') return { kind: 'each_type' };
  const isEmpty =
    meaning.kind === 'field' ||
    (each.text === 'by' && /^(?:value|attribute|except|metric|who)$/.test(meaning.kind));
  return isEmpty ? { kind: 'filler' } : each.meaning;
}

const FILTERS: Kind[] = ['value', 'attribute', 'except'];
const fieldOf = (meaning?: Meaning) => (meaning && 'field' in meaning ? meaning.field : null);

/** A second type that no "and" joins to the first, value of an attribute or bound asks for more than any goal reads; so do "what depends on checkout's database" and "in python or of team-web". */
function isApart({ meaning }: Word, before: Word[]): boolean {
  const isOfItem = meaning.kind === 'type' && before.at(-1)?.meaning.kind === 'item';
  if (isOfItem && before.some((each) => each.meaning.kind === 'relation')) return true;
  const filterAt = before.findLastIndex((each) => FILTERS.includes(each.meaning.kind));
  const joint = before.slice(filterAt + 1).map(({ text }) => text.toLowerCase());
  const isOther = fieldOf(meaning) !== fieldOf(before[filterAt]?.meaning) || joint.includes('not');
  if (filterAt >= 0 && FILTERS.includes(meaning.kind) && joint.includes('or') && isOther) return true;
  const other = before.findLastIndex(({ meaning: each }) => {
    if (meaning.kind === 'type' && each.kind === 'type')
      return each.type !== null && meaning.type !== null && each.type !== meaning.type;
    if (meaning.kind === 'attribute' && each.kind === 'attribute') return each.field === meaning.field;
    return meaning.kind === 'bound' && each.kind === 'bound';
  });
  const between = before.slice(other + 1).map(({ text }) => text.toLowerCase());
  const isList = /^(?:all )?(?:and|or)(?: the| all)*$/.test(between.join(' '));
  return other >= 0 && !(meaning.kind === 'type' && isList);
}
