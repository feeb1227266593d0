import { type AskedFigures, rankAt } from './figures-of.ts';
import type { Lexicon, Meaning, MeaningOf } from './lexicon.ts';
import { isRelationVerb } from './relation-of.ts';
import type { Token } from './scan.ts';
import { numberOf, ROLES, stem, type WordRole } from './vocabulary.ts';

/** What a word of a clause asks for, or is about. A goal that does not use one of them would answer another question. */
export type Role =
  | WordRole
  | Meaning['kind']
  | 'relation'
  /** A value of an attribute of its own, not of owner, environment or status. */
  | 'attribute'
  /** Another type that no "and" joins to the first, another value of the same attribute. */
  | 'apart'
  | 'by_field'
  | 'by_type'
  | 'by_time'
  | 'by_other'
  /** Numbers: a length of time, and any other. */
  | 'span'
  | 'number';

/** A word with what it may ask for; nothing where it only holds the clause together. */
export type AskedToken = Token & { roles: Role[] };

/** Whether some word of a clause asks for one of these. */
export function asks({ tokens }: { tokens: AskedToken[] }, ...wanted: Role[]): boolean {
  return tokens.some(({ roles }) => roles.some((role) => wanted.includes(role)));
}

export function withRoles(tokens: Token[], figures: AskedFigures, refers: boolean, lexicon: Lexicon) {
  const kinds = tokens.map(({ meaning }) => meaning?.kind);
  const isOfEvents = tokens.some(
    ({ text }, at) => kinds[at] === 'event' || ROLES.get(text)?.includes('happened'),
  );
  const compares = figures.bounds !== null || kinds.filter((kind) => kind === 'item').length > 1;
  const type = tokens.flatMap(({ meaning }) => (meaning?.kind === 'type' ? (meaning.type ?? []) : []))[0];
  const isOneType = isList(tokens, 'type');
  const rolesOf = ({ text, meaning }: Token, at: number): Role[] => {
    const rank = rankAt(tokens, at);
    const words = ROLES.get(text) ?? [];
    if (isRelationVerb(tokens, at, lexicon.catalog.relation_types)) return ['relation'];
    if (meaning?.kind === 'type')
      return [isOneType || meaning.type === null || meaning.type === type ? 'type' : 'apart'];
    if (meaning?.kind === 'value') return [valueRole(meaning, tokens.slice(0, at), lexicon)];
    // "largest" speaks of a size, and beside a metric ranks it.
    if (meaning?.kind === 'field' && rank && kinds.includes('metric')) return [rank];
    // Of two bounds of a side only the first one is looked at.
    if (meaning?.kind === 'bound' && meaning.number !== figures.bounds?.[meaning.side]) return ['number'];
    // "if it failed": told as an event, but supposed.
    if (meaning) return [meaning.kind, ...words.filter((role) => role === 'state')];
    if (text !== 'one' && /^\d+(?:\.\d+)?\p{L}*$/u.test(`${numberOf(text) ?? text}`))
      return numberRoles(tokens, at, figures);
    // "more loaded than payments"; of times ("than last week") nothing is compared. "All info on checkout" asks for no severity.
    if ((words.includes('than') && compares) || (text === 'info' && !isOfEvents)) return [];
    if (words.includes('it')) return refers ? ['it'] : [];
    if (words.length === 0 && rank) return [rank];
    return words.flatMap((role): Role[] => (role === 'group' ? groupRoles(tokens, at) : [role]));
  };
  return tokens.map((token, at): AskedToken => ({ ...token, roles: rolesOf(token, at) }));
}

const JOINS = /^(?:and|or|the|all|plus|as|well|each|every|both|vs|versus)$/;

/** "services and hosts": nothing but words that join stands between those of a kind; "services with hosts" asks how they are related. */
export function isList(tokens: Token[], kind: Meaning['kind']): boolean {
  const isOne = ({ meaning }: Token) => meaning?.kind === kind;
  const between = tokens.slice(tokens.findIndex(isOne), tokens.findLastIndex(isOne));
  return between.every((token) => isOne(token) || JOINS.test(token.text));
}

function valueRole(value: MeaningOf<'value'>, earlier: Token[], lexicon: Lexicon): Role {
  if (/^(?:owner|environment|status)$/.test(value.field)) return 'value';
  const isOther = ({ meaning }: Token) =>
    meaning?.kind === 'value' && meaning.field === value.field && meaning.value !== value.value;
  if (earlier.some(isOther)) return 'apart';
  // An attribute that a relation's name holds ("api") says nothing more beside it.
  return lexicon.relation_stems.has(stem(value.value)) ? 'value' : 'attribute';
}

/** A number is part of a length of time or a rank; "hosts with 8 cores" is more than "hosts with cores". */
function numberRoles(tokens: Token[], at: number, { rank, last }: AskedFigures): Role[] {
  const number = numberOf(tokens[at]?.text);
  if (number !== null && [rank?.count, last?.count].includes(number)) return [];
  const next = tokens[at + 1]?.text ?? '';
  return /^(?:m|min|minute|h|hr|hour|day|week)s?$/.test(next) ? ['span'] : ['number'];
}

/** "by owner", "per host", "each day"; not "owned by team-web" and "sorted by size", which group nothing. */
function groupRoles(tokens: Token[], at: number): Role[] {
  const isBy = tokens[at]?.text === 'by';
  const before = tokens[at - 1]?.text ?? '';
  const by = tokens
    .slice(at + 1)
    .find(({ text }) => !/^(?:the|its|their|them|those|these|each|every|single|of)$/.test(text));
  // "by whom" asks for what is told of each event.
  if (!by || by.text === 'whom' || (isBy && /^(?:sort|order|rank)(?:ed)?$/.test(before))) return [];
  if (/^(?:hour|day|week)s?$/.test(by.text) && by.meaning === null) return ['by_time'];
  if (by.meaning?.kind === 'field') return ['by_field'];
  if (by.meaning?.kind === 'type') return ['by_type'];
  return isBy && (by.meaning !== null || before.endsWith('ed')) ? [] : ['by_other'];
}
