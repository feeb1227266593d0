import { filtersOf } from './filters.ts';
import type { Lexicon } from './lexicon.ts';
import type { Kind, MeaningOf } from './meaning.ts';
import { readWords, type Word } from './read-words.ts';
import { findTime } from './time-words.ts';
import { numberOf } from './words.ts';

/** A part of a question that asks one thing. */
export type Clause = ReturnType<typeof clauseOf>;

const NEXT_CLAUSE =
  /[?;!]+\s+|\.\s+(?=[A-Z])|,?\s+(?:and|then|also|plus)\s+(?:also\s+)?(?=(?:what|which|who|how|when|where|show|list|tell|give|find|count|their|its|(?:is|are|does|do|did) (?:it|they|the|there|this|that|these|any))\b)|,\s+(?=(?:what|which|who|how|when|where|show|list|tell)\b)/i;
/** "if x fails, what is affected", "since the incident, what changed": one question. */
const CONDITIONAL = /^(\s*(?:if|when|suppose|assuming|before|after|since)\b[^,?;.]*),\s+/i;

/** Splits a question where another one begins: "what depends on a and how loaded is it". */
export function clausesOf(question: string, lexicon: Lexicon, now: Date): Clause[] {
  const clauses = question
    .replace(CONDITIONAL, '$1 ')
    .split(NEXT_CLAUSE)
    .map((text) => text.replace(/^[\s,.]+|[\s,.?!]+$/g, ''))
    .filter((text) => /\p{L}/u.test(text))
    .map((text, at) => clauseOf(text, lexicon, now, at === 0));
  const time = clauses.find((clause) => clause.time)?.time ?? null;
  return clauses.map((clause) => ({ ...clause, time: clause.time ?? time }));
}

function clauseOf(text: string, lexicon: Lexicon, now: Date, isFirst: boolean) {
  const time = findTime(text, now);
  const all = readWords(time?.rest ?? text, lexicon);
  const refers = refersTo(all, isFirst);
  const words = all.filter((word) => !isTalk(word, all, refers !== null));
  if (time) words.push({ text: time.text, meaning: { kind: 'time' } });
  const of = <K extends Kind>(kind: K) =>
    words.flatMap(({ meaning }) => (meaning.kind === kind ? [meaning as MeaningOf<K>] : []));
  const types = [...new Set(of('type').flatMap(({ type }) => type ?? []))];
  const ranks = words.flatMap(({ meaning: { kind } }) => (kind === 'high' || kind === 'low' ? [kind] : []));
  const number = all[countAt(all)];
  return {
    text,
    words,
    items: [...new Map(of('item').map(({ item }) => [item.id, item])).values()],
    types,
    filters: filtersOf(types, [...of('value'), ...of('attribute')], of('except')),
    fields: of('field').map(({ field }) => field),
    groups: of('group').map(({ field }) => field),
    /** For each word for metrics those that it may mean, the best first. */
    metrics: of('metric').map(({ metrics }) => metrics),
    /** Event types in the order of the words that mean them. */
    events: of('event').map((event) => event.types),
    aggs: of('aggregation').map(({ agg }) => agg),
    /** Which end of an order comes first: "top" says it only where no other word does. */
    orders:
      ranks.length > 0
        ? ranks.map((rank) => (rank === 'high' ? 'desc' : 'asc'))
        : of('top').map(() => 'desc'),
    /** How many of it; null: no number is named. */
    count: number ? numberOf(number.text) : null,
    bound: of('bound')[0] ?? null,
    bucket: of('bucket')[0]?.bucket ?? null,
    time: time?.range ?? null,
    /** "it", "they": what an earlier clause was about. */
    refers,
  };
}

export function says({ words }: { words: Word[] }, ...kinds: Kind[]): boolean {
  return words.some(({ meaning }) => kinds.includes(meaning.kind));
}

const isOf = (word: Word | undefined, ...kinds: Kind[]) =>
  word !== undefined && kinds.includes(word.meaning.kind);

/** "which host": one of a type. */
export const isOneOfType = (word?: Word) => isOf(word, 'type') && !word?.text.endsWith('s');

/** "it" and "they" stand for what an earlier clause was about; "hosts and their load" speaks of its own. */
function refersTo(words: Word[], isFirst: boolean): 'one' | 'many' | null {
  const isOwn = isFirst && says({ words }, 'type', 'event');
  const refers = words.filter(({ text }) => !(isOwn && /^(?:their|its)$/i.test(text)));
  // "how loaded is that host", "who owns the services", "who owns each"
  const points = words.some(
    ({ text }, at) => /^(?:that|this|the)$/i.test(text) && isOf(words[at + 1], 'type'),
  );
  if (isOf(words.at(-1), 'each') || says({ words: refers }, 'they')) return 'many';
  if (says({ words: refers }, 'it')) return 'one';
  if (points && !isFirst) return 'many';
  // "… and how many are in production"
  const isAlone = !says({ words }, 'item', 'type', 'event', 'happened', 'overview');
  return isAlone && !isFirst ? 'many' : null;
}

/** The number of "top 5", "the 3 busiest", "last 2", "which 3 hosts have the highest …". */
function countAt(words: Word[]): number {
  const isRank = (word?: Word) => isOf(word, 'top', 'high', 'low', 'last', 'first');
  return words.findIndex(
    (word, at) =>
      isOf(word, 'number') &&
      (isRank(words[at - 1]) || isRank(words[at + 1]) || (isOf(words[at + 1], 'type') && words.some(isRank))),
  );
}

/** Words that ask for nothing where they stand. */
function isTalk(word: Word, words: Word[], refers: boolean): boolean {
  const at = words.indexOf(word);
  const has = (...kinds: Kind[]) => says({ words }, ...kinds);
  const { meaning, text } = word;
  if (meaning.kind === 'number') return at === countAt(words);
  if (meaning.kind === 'it' || meaning.kind === 'they') return !refers;
  if (meaning.kind === 'each') return refers && at === words.length - 1;
  // "memory usage", "most loaded by memory"; not "load and memory"
  const isListed = [words[at - 1], words[at + 1]].some((next) => /^and$/i.test(next?.text ?? ''));
  if (meaning.kind === 'metric' && meaning.general)
    return !isListed && words.some(({ meaning: other }) => other.kind === 'metric' && !other.general);
  // "the largest backlog" has no size
  if (meaning.kind === 'field' && has('metric')) return words[at - 1]?.text === text;
  // "memory used by payments", "the most memory that hosts use": what it has of the metric.
  const isVerb = meaning.kind === 'relation' && /^(?:us|need|consum|requir)/i.test(text);
  const isObject =
    says({ words: words.slice(at) }, 'type') &&
    (has('high', 'low', 'bound') || !/[^e]ed(?: by)?$/i.test(text));
  // "how much cpu do the services on host-03 use"
  if (isVerb && has('measure') && at === words.length - 1) return true;
  return isVerb && has('metric', 'attribute') && !isObject && !((has('item') || refers) && has('type'));
}
