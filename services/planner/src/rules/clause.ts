import type { InventoryCatalog } from '@planyard/contracts';
import { type AskedFigures, figuresOf, plainNumbers } from './figures-of.ts';
import type { Lexicon, Meaning, NamedItem } from './lexicon.ts';
import { type Scanned, scan, type Token } from './scan.ts';
import { type FoundTime, findTime } from './time-words.ts';

/** A part of a question that asks one thing. */
export interface Clause extends Scanned {
  text: string;
  /** The text without the words that tell a time. */
  timeless: string;
  lower: string;
  items: NamedItem[];
  types: string[];
  /** Some type was named, be it "items" of any. */
  has_type: boolean;
  filters: ItemFilters;
  fields: string[];
  metrics: string[];
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
}

const NEXT_CLAUSE =
  /[?;!]+\s+|\.\s+(?=[A-Z])|,?\s+(?:and|then|also|plus)\s+(?:also\s+)?(?=(?:what|which|who|how|when|where|is|are|does|do|did|show|list|tell|give|find|count|their|its)\b)|,\s+(?=(?:what|which|who|how|when|where|show|list|tell)\b)/i;

/** "if x fails, what is affected": what is supposed belongs to what is asked. */
const CONDITIONAL = /^(\s*(?:if|when|suppose|assuming)\b[^,?;.]*),\s+/i;

/** Splits a question where another one begins: "what depends on a and how loaded is it". */
export function clausesOf(question: string, lexicon: Lexicon, now: Date): Clause[] {
  const texts = plainNumbers(question)
    .replace(CONDITIONAL, '$1 ')
    .split(NEXT_CLAUSE)
    .map((text) => text.replace(/^[\s,.]+|[\s,.?!]+$/g, ''))
    .filter((text) => /\p{L}/u.test(text));
  const clauses = texts.map((text) => clauseOf(text, lexicon, now));
  const time = clauses.find((clause) => clause.time)?.time ?? null;
  return clauses.map((clause) => ({ ...clause, time: clause.time ?? time }));
}

function clauseOf(text: string, lexicon: Lexicon, now: Date): Clause {
  const time = findTime(text, now);
  const scanned = scan(time?.rest ?? text, lexicon);
  const meanings = scanned.tokens.flatMap((token) => (token.meaning ? [token.meaning] : []));
  const of = <K extends Meaning['kind']>(kind: K) =>
    meanings.filter((meaning): meaning is Extract<Meaning, { kind: K }> => meaning.kind === kind);
  const types = of('type');
  const named = [...new Set(types.flatMap(({ type }) => (type === null ? [] : [type])))];
  return {
    ...scanned,
    text,
    timeless: time?.rest ?? text,
    lower: ` ${scanned.tokens.map((token) => token.text).join(' ')} `,
    items: distinct(of('item').map(({ item }) => item)),
    types: named,
    has_type: types.length > 0,
    filters: filtersOf(named, of('value')),
    fields: [...new Set(of('field').map(({ field }) => field))],
    metrics: [...new Set(of('metric').map(({ metric }) => metric))],
    events: eventsOf(scanned.tokens),
    figures: figuresOf(time?.rest ?? text, scanned.tokens, lexicon.units),
    time,
    // "incidents with their severity" speaks of its own incidents.
    refers: /\b(?:with|and|including|by|plus) (?:their|its)\b/i.test(text) ? null : refersTo(scanned.tokens),
  };
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

function refersTo(tokens: Token[]): Clause['refers'] {
  if (tokens.some(({ text }) => /^(?:they|them|their|theirs|those|these)$/.test(text))) return 'many';
  // "… and who owns each"
  if (tokens.at(-1)?.text === 'each') return 'many';
  // "how loaded is that host"
  if (tokens.some(({ text }, at) => /^(?:that|this)$/.test(text) && tokens[at + 1]?.meaning?.kind === 'type'))
    return 'many';
  return tokens.some(({ text }) => /^(?:it|its|itself)$/.test(text)) ? 'one' : null;
}

function filtersOf(types: string[], values: { field: string; value: string }[]): ItemFilters {
  const filters: ItemFilters = types.length > 0 ? { type: types } : {};
  for (const { field, value } of values)
    if (field === 'owner' || field === 'environment' || field === 'status')
      filters[field] = [...(filters[field] ?? []), value];
    else filters.attributes = { ...filters.attributes, [field]: value };
  return filters;
}

function distinct(items: NamedItem[]): NamedItem[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

/** A number that nothing was made of: "hosts with 8 cores" is more than "hosts with cores". */
export function looseNumber({ tokens, figures }: Clause): string | null {
  const used = [figures.above, figures.below, figures.times, figures.rank?.count];
  const loose = tokens.find(
    ({ text, meaning }, at) =>
      meaning === null &&
      /^\d/.test(text) &&
      !used.includes(Number.parseFloat(text)) &&
      tokens[at + 1]?.text !== 'percentile',
  );
  return loose?.text ?? null;
}

/** Filters as the answer names them: "services owned by team-web in production". */
export function describeFilters(
  { types, filters }: Pick<Clause, 'types' | 'filters'>,
  catalog: InventoryCatalog,
): string {
  const what =
    types.length > 0 ? `items of type ${types.join(' and ')}` : catalog.types.length > 0 ? 'items' : 'things';
  return [
    what,
    ...(filters.owner ? [`of owner ${filters.owner.join(' or ')}`] : []),
    ...(filters.environment ? [`in ${filters.environment.join(' or ')}`] : []),
    ...(filters.status ? [`with status ${filters.status.join(' or ')}`] : []),
    ...Object.entries(filters.attributes ?? {}).map(([field, value]) => `with ${field} ${value}`),
  ].join(' ');
}
