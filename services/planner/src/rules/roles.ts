import { type AskedFigures, rankAt } from './figures-of.ts';
import type { Lexicon, Meaning } from './lexicon.ts';
import { isRelationVerb } from './relation-of.ts';
import type { Token } from './scan.ts';
import { numberOf, ROLES, type WordRole } from './vocabulary.ts';

/** What a word of a clause asks for, or is about. A goal that does not use one of them would answer another question. */
export type Role =
  | Exclude<WordRole, 'group'>
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
  | 'number'
  | 'it';

/** Whether some word of a clause asks for one of these. */
export function asks({ roles }: { roles: Role[][] }, ...wanted: Role[]): boolean {
  return roles.some((each) => each.some((role) => wanted.includes(role)));
}

/** For each token what it may ask for; nothing for words that only hold the clause together. */
export function rolesOf(tokens: Token[], figures: AskedFigures, refers: boolean, lexicon: Lexicon): Role[][] {
  const kinds = tokens.map(({ meaning }) => meaning?.kind);
  const isOfEvents = tokens.some(
    ({ text, meaning }) => meaning?.kind === 'event' || ROLES.get(text)?.includes('happened'),
  );
  const compares = figures.bounds !== null || kinds.filter((kind) => kind === 'item').length > 1;
  return tokens.map(({ text, meaning }, at): Role[] => {
    const rank = rankAt(tokens, at);
    const words = ROLES.get(text) ?? [];
    if (isRelationVerb(tokens, at, lexicon.catalog.relation_types))
      return ['relation', ...(meaning ? [meaning.kind] : [])];
    if (meaning?.kind === 'type') return [isJoined(tokens, at) ? 'type' : 'apart'];
    if (meaning?.kind === 'value') return [valueRole(meaning, tokens.slice(0, at), lexicon)];
    // "largest" speaks of a size, and beside a metric ranks it.
    if (meaning?.kind === 'field' && rank && kinds.includes('metric')) return [rank];
    // "if it failed": told as an event, but supposed.
    if (meaning) return [meaning.kind, ...words.filter((role) => role === 'state')];
    if (/^\d/.test(text) || (text !== 'one' && numberOf(text) !== null))
      return numberRoles(tokens, at, figures);
    if (/^(?:it|its|itself|they|them|their|theirs|those|these)$/.test(text)) return refers ? ['it'] : [];
    // "more loaded than payments"; of times ("than last week") nothing is compared.
    if (words.includes('than') && compares) return [];
    // "all info on checkout" asks for no severity.
    if (text === 'info' && !isOfEvents) return [];
    if (words.length === 0 && rank) return [rank];
    return words.flatMap((role): Role[] => (role === 'group' ? groupRoles(tokens, at) : [role]));
  });
}

const JOINS = /^(?:and|or|the|all|plus|as|well|each|every|both)$/;

/** "services and hosts", but not "services with hosts", which asks how they are related. */
function isJoined(tokens: Token[], at: number): boolean {
  const typeOf = ({ meaning }: Token) => (meaning?.kind === 'type' ? meaning.type : null);
  const type = typeOf(tokens[at] as Token);
  const other = tokens.slice(0, at).findIndex((token) => typeOf(token) !== null && typeOf(token) !== type);
  const between = other < 0 ? [] : tokens.slice(other, at);
  return type === null || between.every((token) => typeOf(token) !== null || JOINS.test(token.text));
}

function valueRole(value: Extract<Meaning, { kind: 'value' }>, earlier: Token[], lexicon: Lexicon): Role {
  if (/^(?:owner|environment|status)$/.test(value.field)) return 'value';
  const isOther = ({ meaning }: Token) =>
    meaning?.kind === 'value' && meaning.field === value.field && meaning.value !== value.value;
  if (earlier.some(isOther)) return 'apart';
  // An attribute that a relation's name holds ("api") says nothing more beside it.
  return lexicon.relation_words.has(value.value.toLowerCase()) ? 'value' : 'attribute';
}

/** A number is part of a length of time or a rank; "hosts with 8 cores" is more than "hosts with cores". */
function numberRoles(tokens: Token[], at: number, { times, rank, last }: AskedFigures): Role[] {
  const number = numberOf(tokens[at]?.text);
  if (number !== null && [times, rank?.count, last?.count].includes(number)) return [];
  const next = tokens[at + 1]?.text ?? '';
  return /^(?:m|min|minute|h|hr|hour|day|week)s?$/.test(next) ? ['span'] : ['number'];
}

const SORTS = /^(?:sort|order|rank)(?:ed)?$/;

/** "by owner", "per host", "each day"; not "owned by team-web" and "sorted by size", which group nothing. */
function groupRoles(tokens: Token[], at: number): Role[] {
  const isBy = tokens[at]?.text === 'by';
  const before = tokens[at - 1]?.text ?? '';
  if (isBy && SORTS.test(before)) return [];
  const by = tokens
    .slice(at + 1)
    .find(({ text }) => !/^(?:the|its|their|them|those|these|each|every|single|of)$/.test(text));
  // "by whom" asks for what is told of each event.
  if (!by || by.text === 'whom') return [];
  if (/^(?:hour|day|week)s?$/.test(by.text) && by.meaning === null) return ['by_time'];
  if (by.meaning?.kind === 'field') return ['by_field'];
  if (by.meaning?.kind === 'type') return ['by_type'];
  return isBy && (by.meaning !== null || before.endsWith('ed')) ? [] : ['by_other'];
}
