import { figuresOf } from './figures-of.ts';
import type { Lexicon, Meaning, MeaningOf } from './lexicon.ts';
import { isList, withRoles } from './roles.ts';
import { isSingular, scan, type Token } from './scan.ts';
import { findTime } from './time-words.ts';
import { SYNONYMS, sayPlainly } from './vocabulary.ts';

/** A part of a question that asks one thing. */
export type Clause = ReturnType<typeof clauseOf>;

/** As the tools take them. */
export interface ItemFilters {
  type?: string[];
  owner?: string[];
  environment?: string[];
  status?: string[];
  attributes?: Record<string, string>;
  except?: { field: string; value?: string }[];
}

const NEXT_CLAUSE =
  /[?;!]+\s+|\.\s+(?=[A-Z])|,?\s+(?:and|then|also|plus)\s+(?:also\s+)?(?=(?:what|which|who|how|when|where|show|list|tell|give|find|count|their|its|(?:is|are|does|do|did) (?:it|they|the|there|this|that|these|any))\b)|,\s+(?=(?:what|which|who|how|when|where|show|list|tell)\b)/i;

/** "if x fails, what is affected": what is supposed belongs to what is asked. */
const CONDITIONAL = /^(\s*(?:if|when|suppose|assuming)\b[^,?;.]*),\s+/i;

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
  const scanned = scan(sayPlainly(time?.rest ?? text), lexicon);
  const { tokens } = scanned;
  const of = <K extends Meaning['kind']>(kind: K) =>
    tokens.flatMap(({ meaning }) => (meaning?.kind === kind ? [meaning as MeaningOf<K>] : []));
  const types = [...new Set(of('type').flatMap(({ type }) => type ?? []))];
  const figures = figuresOf(tokens, lexicon.units);
  // "hosts that use 80 % of their disk" speaks of its own hosts.
  const isOwn = isFirst && types.length > 0 && /\b(?:of|in|on) (?:their|its)\b/i.test(text);
  const refers = isOwn ? null : refersTo(tokens, !isFirst && figures.rank === null, lexicon);
  return {
    ...scanned,
    text,
    tokens: withRoles(tokens, figures, refers !== null, lexicon),
    items: [...new Map(of('item').map(({ item }) => [item.id, item])).values()],
    is_list: isList(tokens, 'item'),
    types,
    filters: filtersOf(types, of('value'), of('except')),
    fields: [...new Set(of('field').flatMap(({ fields }) => fields))],
    /** For each word for metrics those that it may mean, the best first. */
    metrics: metricsOf(tokens),
    /** Event types in the order of the words that mean them. */
    events: of('event').map(({ types }) => types),
    figures,
    time,
    /** "it", "they": what an earlier clause was about. */
    refers,
  };
}

/** "memory usage", "most loaded by memory": a word for load says nothing more beside what is used. */
function metricsOf(tokens: Token[]): string[][] {
  const isMetric = (token?: Token) => token?.meaning?.kind === 'metric';
  const found = tokens.flatMap(({ text, meaning }, at) => {
    const told =
      isMetric(tokens[at - 1]) ||
      tokens.some((token, place) => place > at && isMetric(token) && tokens[place - 1]?.text === 'by');
    const says = meaning?.kind === 'metric' && !(told && SYNONYMS.metric[0]?.words.includes(text));
    return says ? [meaning.metrics] : [];
  });
  return [...new Map(found.map((metrics) => [metrics[0], metrics])).values()];
}

function refersTo(tokens: Token[], isFurther: boolean, lexicon: Lexicon): 'one' | 'many' | null {
  const isMany = tokens.some(({ text }, at) => {
    const next = tokens[at + 1];
    // "how loaded is that host"; after a question that told of one also "the host", but not "the hosts".
    const isThe = isFurther && text === 'the' && next && isSingular(next, lexicon);
    const points = /^(?:that|this)$/.test(text) || isThe;
    // "… and who owns each"
    const isEach = text === 'each' && !next;
    return (
      isEach ||
      /^(?:they|th?em|theirs?|those|these)$/.test(text) ||
      (points && next?.meaning?.kind === 'type')
    );
  });
  if (isMany) return 'many';
  return tokens.some(({ text }) => /^(?:it|its|itself)$/.test(text)) ? 'one' : null;
}

/** How a filter by a field that every item has is told. */
const TOLD = { owner: 'of owner', environment: 'in', status: 'with status' };
const OWN_FIELDS = Object.keys(TOLD) as (keyof typeof TOLD)[];

function filtersOf(
  types: string[],
  values: MeaningOf<'value'>[],
  except: MeaningOf<'except'>[],
): ItemFilters {
  const filters: ItemFilters = types.length > 0 ? { type: types } : {};
  for (const { field, value } of values) {
    const own = OWN_FIELDS.find((each) => each === field);
    if (own) filters[own] = [...(filters[own] ?? []), value];
    else filters.attributes = { ...filters.attributes, [field]: value };
  }
  if (except.length > 0) filters.except = except.map(({ kind: _, ...left }) => left);
  return filters;
}

/** Filters as the answer names them: "services owned by team-web in production". */
export function describeFilters(filters: ItemFilters): string {
  const { type, attributes = {}, except = [] } = filters;
  return [
    type ? `items of type ${type.join(' and ')}` : 'items',
    ...OWN_FIELDS.flatMap((field) => filters[field] && `${TOLD[field]} ${filters[field].join(' or ')}`),
    ...Object.entries(attributes).map(([field, value]) => `with ${field} ${value}`),
    ...except.map(({ field, value }) => (value ? `not of ${field} ${value}` : `without ${field}`)),
  ]
    .filter(Boolean)
    .join(' ');
}
