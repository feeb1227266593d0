import { firstOf } from './figures-of.ts';
import { nameWords } from './lexicon.ts';
import type { Token } from './scan.ts';
import { RELATION_VERBS, ROLES, stem, type WordRole } from './vocabulary.ts';

/** How a clause asks for what an item is related to. */
export interface Asked {
  direction: 'in' | 'out' | 'both';
  /** null: any relation. */
  relations: string[] | null;
  depth: number;
  /** What would happen to others is asked, not what is related. */
  impact?: boolean;
}

const DEEP = 5;

/** The relation a clause asks for, read against the item at a place in it; null when it asks for none. */
export function relationOf(tokens: Token[], itemAt: number, types: string[]): Asked | null {
  const has = (role: WordRole) => tokens.some((token) => asksFor(token, role));
  const depth = has('indirect') ? 10 : has('direct') ? 1 : null;
  // "when X fails" supposes it; "when did X fail" asks for the time.
  const supposes = has('impact') || tokens.some(({ text }, at) => text === 'when' && at > 0);
  const fails = has('state') || tokens.some((token) => token.text !== 'if' && asksFor(token, 'impact'));
  if (supposes && fails) return { direction: 'in', relations: null, depth: depth ?? DEEP, impact: true };
  // A metric's or an event's name is no word of a relation: "connections of orders-db".
  const says = (role: WordRole) =>
    tokens.some(
      (token, at) =>
        !token.meaning && asksFor(token, role) && !/^(?:up)?on$/.test(tokens[at + 1]?.text ?? ''),
    );
  const noun = says('dependents') ? 'in' : says('dependencies') ? 'out' : null;
  if (noun) return { direction: noun, relations: dependencies(types), depth: depth ?? DEEP };
  const at = tokens.findIndex((_, place) => isRelationVerb(tokens, place, types, true));
  const verb = verbAt(tokens, at, types);
  if (!verb) return says('neighbours') ? { direction: 'both', relations: null, depth: depth ?? 1 } : null;
  const before = at < itemAt;
  // "which host runs checkout" tells "checkout runs on" from the other end.
  const turned = before && isRun(tokens[at]) && !PLACE.test(tokens[at + 1]?.text ?? '');
  // "does host-07 run" and "does checkout run" differ only in what they are: both ends are asked.
  const isBoth = !before && isRun(tokens[at]) && at === tokens.length - 1 && tokens[0]?.text !== 'where';
  const direction = isBoth ? 'both' : before === (verb.turned === turned) ? 'in' : 'out';
  return { direction, relations: verb.relations, depth: depth ?? (verb.reaches ? DEEP : 1) };
}

export function asksFor({ text }: Token, role: WordRole): boolean {
  return ROLES.get(text)?.includes(role) ?? false;
}

const PLACE = /^(?:on|to|in|at|onto|inside|under)$/;
/** Verbs that relate items where an item is named, and are mere talk elsewhere: "how many hosts do we need". */
const TALK = /^(?:belongs?|us(?:ed|ing)|handles?|manages?|report|part|includ\w+|needs?)$/;
const CONSUMES = /^(?:us|need|consum|requir)/;
const QUANTITY = /^(?:the|any|more|a|much|as|most|least)$/;
const isRun = (token?: Token) => stem(token?.text ?? '') === 'run';

/** Whether the word at a place relates items, of which one may be meant without its name. */
export function isRelationVerb(tokens: Token[], at: number, types: string[], isMeant = false): boolean {
  const { text, meaning } = tokens[at] as Token;
  const next = tokens[at + 1]?.text ?? '';
  const kinds = tokens.map((token) => token.meaning?.kind);
  // "used by the most loaded database", not "uses the most memory"
  const hasFirst = (firstOf(tokens)?.from ?? -1) > at;
  const hasItem = isMeant || hasFirst || kinds.includes('item');
  // "deployed" is an event unless a place follows or is asked for.
  const isPlace = PLACE.test(next) || tokens.some((token) => token.text === 'where');
  if (meaning && !(meaning.kind === 'event' && hasItem && isPlace)) return false;
  if (!hasItem && TALK.test(text)) return false;
  // "the version that is running" speaks of the event.
  if (next === 'about' || (isRun(tokens[at]) && next === '' && kinds.includes('event'))) return false;
  // "databases that use postgres", "uses the most memory"
  const object = tokens.findIndex((token, place) => place > at && !QUANTITY.test(token.text));
  if ((kinds[object] === 'metric' && !hasFirst) || kinds[object] === 'value') return false;
  // "how much memory does payments use", "memory used by payments": what it has of the metric.
  const consumes = kinds.includes('metric') && !hasFirst && CONSUMES.test(text);
  if (consumes && (!kinds.includes('item', at) || (next === 'by' && kinds[at - 1] !== 'type'))) return false;
  return verbAt(tokens, at, types) !== null;
}

/** What a verb says of the catalog's relations: which it means, whether it tells them from their other end, and whether also through others. */
function verbAt(tokens: Token[], at: number, relationTypes: string[]) {
  const word = tokens[at]?.text ?? '';
  const verb = RELATION_VERBS.get(stem(word));
  const named = relationTypes.filter((type) => contentWords(type).some((each) => stem(each) === stem(word)));
  if (!verb && named.length === 0) return null;
  const reaches = verb !== undefined && verb.line < 2;
  const similar = reaches
    ? (dependencies(relationTypes) ?? [])
    : relationTypes.filter((type) => linesOf(type).some((line) => line === verb?.line));
  const turned = isTurned(verb?.is_other ?? false, tokens[at + 1]?.text === 'by', word);
  const first = named[0] ?? similar.find((type) => !isTurnedType(type)) ?? similar[0];
  if (first === undefined) return { relations: null, turned, reaches };
  const same = similar.filter((type) => isTurnedType(type) === isTurnedType(first));
  // "consumes" is one relation, "depends on" takes in what says the same.
  const relations = named.length > 0 && verb?.line === 1 ? named : [...new Set([...named, ...same])];
  return { relations, turned: turned !== isTurnedType(first), reaches };
}

/** Relations that are dependencies. Where none is called so, any may be one: beside "calls" also "stores in". */
function dependencies(relationTypes: string[]): string[] | null {
  const areNamed = relationTypes.some((type) => linesOf(type).includes(0));
  return areNamed ? relationTypes.filter((type) => linesOf(type).some((line) => line < 2)) : null;
}

/** "used by" is told from the other end than "uses"; so is "hosts" than "runs on", and "hosted on" is not. */
function isTurned(isOther: boolean, isBy: boolean, word: string): boolean {
  return isOther ? !(isBy || word.endsWith('ed')) : isBy;
}

function isTurnedType(type: string): boolean {
  const other = contentWords(type).find((word) => RELATION_VERBS.get(stem(word))?.is_other);
  return isTurned(other !== undefined, nameWords(type).at(-1) === 'by', other ?? '');
}

function linesOf(type: string): number[] {
  return contentWords(type).flatMap((word) => RELATION_VERBS.get(stem(word))?.line ?? []);
}

function contentWords(type: string): string[] {
  return nameWords(type).filter((word) => !/^(?:on|by|to|of|in|is|has|with|for|from|at|api)$/.test(word));
}
