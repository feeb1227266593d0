import { type AskedFigures, figuresOf, plainNumbers } from './figures-of.ts';
import type { Lexicon, Meaning, NamedItem } from './lexicon.ts';
import { type Role, rolesOf } from './roles.ts';
import { type Scanned, scan, type Token } from './scan.ts';
import { type FoundTime, findTime } from './time-words.ts';
import { METRIC_WORDS } from './vocabulary.ts';

/** A part of a question that asks one thing. */
export interface Clause extends Scanned {
  text: string;
  /** The text without the words that tell a time. */
  timeless: string;
  /** For each token what it may ask for; nothing for words that only hold the clause together. */
  roles: Role[][];
  items: NamedItem[];
  types: string[];
  filters: ItemFilters;
  fields: string[];
  /** For each word for metrics those that it may mean, the best first. */
  metrics: string[][];
  /** Event types in the order of the words that mean them. */
  events: string[][];
  figures: AskedFigures;
  time: FoundTime | null;
  /** "it", "they": what an earlier clause was about. */
  refers: 'one' | 'many' | null;
}

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

/** What asks for the course of a metric. */
export const CHANGES =
  /\bhow (?:did|has|have) .*(?:chang|go\b|gone|behave)|\bover time\b|\b(?:go|gone|going|went|goes) (?:up|down)\b/i;

/** Splits a question where another one begins: "what depends on a and how loaded is it". */
export function clausesOf(question: string, lexicon: Lexicon, now: Date): Clause[] {
  const texts = plainNumbers(question)
    .replace(CONDITIONAL, '$1 ')
    .split(NEXT_CLAUSE)
    .map((text) => text.replace(/^[\s,.]+|[\s,.?!]+$/g, ''))
    .filter((text) => /\p{L}/u.test(text));
  const clauses = texts.map((text, at) => clauseOf(text, lexicon, now, at === 0));
  const time = clauses.find((clause) => clause.time)?.time ?? null;
  return clauses.map((clause) => ({ ...clause, time: clause.time ?? time }));
}

function clauseOf(text: string, lexicon: Lexicon, now: Date, isFirst: boolean): Clause {
  const time = findTime(text, now);
  const timeless = time?.rest ?? text;
  const scanned = scan(timeless, lexicon);
  // "how did memory change": of a metric that is its course, no event.
  const isCourse = CHANGES.test(text) && scanned.tokens.some(({ meaning }) => meaning?.kind === 'metric');
  const tokens = isCourse
    ? scanned.tokens.map((token) => (/^chang/.test(token.text) ? { ...token, meaning: null } : token))
    : scanned.tokens;
  const of = <K extends Meaning['kind']>(kind: K) =>
    tokens.flatMap(({ meaning }) =>
      meaning?.kind === kind ? [meaning as Extract<Meaning, { kind: K }>] : [],
    );
  const types = [...new Set(of('type').flatMap(({ type }) => (type === null ? [] : [type])))];
  const figures = figuresOf(timeless, tokens, lexicon.units);
  // "incidents with their severity" speaks of its own incidents, "hosts that use 80 % of their disk" of its own hosts.
  const isOwn =
    /\b(?:with|and|including|by|plus) (?:their|its)\b/i.test(text) ||
    (isFirst && types.length > 0 && /\b(?:of|in|on) (?:their|its)\b/i.test(text));
  const refers = isOwn ? null : refersTo(tokens, !isFirst && figures.rank === null);
  return {
    ...scanned,
    tokens,
    text,
    timeless,
    roles: rolesOf(tokens, figures, refers !== null, lexicon),
    items: [...new Map(of('item').map(({ item }) => [item.id, item])).values()],
    types,
    filters: filtersOf(types, of('value'), of('except')),
    fields: [...new Set(of('field').map(({ field }) => field))],
    metrics: metricsOf(tokens),
    events: eventsOf(tokens),
    figures,
    time,
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
    const says = meaning?.kind === 'metric' && !(told && METRIC_WORDS[0]?.words.includes(text));
    return says ? [meaning.metrics] : [];
  });
  return [...new Map(found.map((metrics) => [metrics[0], metrics])).values()];
}

/** Two words side by side narrow each other down: "configuration changes". */
function eventsOf(tokens: Token[]): string[][] {
  const found: string[][] = [];
  for (const [at, { meaning }] of tokens.entries()) {
    if (meaning?.kind !== 'event') continue;
    const both = tokens[at - 1]?.meaning?.kind === 'event' ? (found.at(-1) ?? []) : [];
    const common = meaning.types.filter((type) => both.includes(type));
    if (common.length > 0) found[found.length - 1] = common;
    else found.push(meaning.types);
  }
  return found;
}

function refersTo(tokens: Token[], isFurther: boolean): Clause['refers'] {
  if (tokens.some(({ text }) => /^(?:they|them|their|theirs|those|these)$/.test(text))) return 'many';
  // "… and which one is the largest", "… and who owns each", "how loaded is that host"
  if (tokens.some(({ text }, at) => text === 'which' && /^ones?$/.test(tokens[at + 1]?.text ?? '')))
    return 'many';
  if (tokens.at(-1)?.text === 'each') return 'many';
  // "how loaded is that host"; after a question that told of one also "the host", but not "the hosts".
  const points = (text: string, of?: Token) =>
    of?.meaning?.kind === 'type' &&
    (/^(?:that|this)$/.test(text) || (isFurther && text === 'the' && !of.text.endsWith('s')));
  if (tokens.some(({ text }, at) => points(text, tokens[at + 1]))) return 'many';
  return tokens.some(({ text }) => /^(?:it|its|itself)$/.test(text)) ? 'one' : null;
}

function filtersOf(
  types: string[],
  values: { field: string; value: string }[],
  except: { field: string; value?: string }[],
): ItemFilters {
  const filters: ItemFilters = types.length > 0 ? { type: types } : {};
  if (except.length > 0)
    filters.except = except.map(({ field, value }) => (value === undefined ? { field } : { field, value }));
  for (const { field, value } of values)
    if (field === 'owner' || field === 'environment' || field === 'status')
      filters[field] = [...(filters[field] ?? []), value];
    else filters.attributes = { ...filters.attributes, [field]: value };
  return filters;
}

/** Filters as the answer names them: "services owned by team-web in production". */
export function describeFilters({
  type,
  owner,
  environment,
  status,
  attributes,
  except,
}: ItemFilters): string {
  return [
    type ? `items of type ${type.join(' and ')}` : 'items',
    ...(owner ? [`of owner ${owner.join(' or ')}`] : []),
    ...(environment ? [`in ${environment.join(' or ')}`] : []),
    ...(status ? [`with status ${status.join(' or ')}`] : []),
    ...Object.entries(attributes ?? {}).map(([field, value]) => `with ${field} ${value}`),
    ...(except ?? []).map(({ field, value }) =>
      value === undefined ? `without ${field}` : `not of ${field} ${value}`,
    ),
  ].join(' ');
}

/** "a, b and c": nothing but words that join stands between the items. */
export function isList({ tokens }: Pick<Clause, 'tokens'>): boolean {
  const at = tokens.flatMap(({ meaning }, place) => (meaning?.kind === 'item' ? [place] : []));
  const between = tokens.slice(at[0], at.at(-1)).filter(({ meaning }) => meaning?.kind !== 'item');
  return between.every(({ text }) => /^(?:and|or|the|plus|with|vs|versus)$/.test(text));
}
