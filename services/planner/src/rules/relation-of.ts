import { nameWords } from './lexicon.ts';
import type { Token } from './scan.ts';
import { RELATION_VERBS, ROLES, sameStem, type Verb, type WordRole } from './vocabulary.ts';

/** How a clause asks for what an item is related to. */
export interface AskedRelation {
  direction: 'in' | 'out' | 'both';
  /** null: any relation. */
  relations: string[] | null;
  depth: number;
  /** What would happen to others, not what is related. */
  impact: boolean;
}

const DEEP = 5;

/** The relation a clause asks for, read against the item at a place in it; null when it asks for none. */
export function relationOf(tokens: Token[], itemAt: number, relationTypes: string[]): AskedRelation | null {
  const has = (role: WordRole) => tokens.some((token) => asksFor(token, role));
  const depth = has('indirect') ? 10 : has('direct') ? 1 : null;
  const asked = (direction: AskedRelation['direction'], relations: string[] | null, most: number) => ({
    direction,
    relations,
    depth: depth ?? most,
    impact: false,
  });
  // "when X fails" supposes it; "when did X fail" asks for the time.
  const supposes = has('impact') || tokens.some(({ text }, at) => text === 'when' && at > 0);
  const fails = tokens.some(
    (token) => (token.text !== 'if' && asksFor(token, 'impact')) || asksFor(token, 'state'),
  );
  if (supposes && fails) return { ...asked('in', null, DEEP), impact: true };
  // A metric's or an event's name is no word of a relation: "connections of orders-db".
  const plain = tokens.map((token) => (token.meaning === null ? token : { ...token, text: '' }));
  const isOn = (at: number) => /^(?:up)?on$/.test(tokens[at + 1]?.text ?? '');
  const depends = saysDepends(relationTypes)
    ? relationTypes.filter((type) => matches(type, RELATION_VERBS[0]?.words ?? []))
    : null;
  if (plain.some((token, at) => asksFor(token, 'dependents') && !isOn(at))) return asked('in', depends, DEEP);
  if (plain.some((token) => asksFor(token, 'dependencies'))) return asked('out', depends, DEEP);
  const verb = verbOf(tokens, itemAt, relationTypes);
  if (verb) return asked(verb.direction, verb.relations, verb.transitive ? DEEP : 1);
  return plain.some((token) => asksFor(token, 'neighbours')) ? asked('both', null, 1) : null;
}

export function asksFor({ text }: Token, role: WordRole): boolean {
  return ROLES.get(text)?.includes(role) ?? false;
}

const PLACE = /^(?:on|to|in|at|onto|inside|under)$/;
/** Verbs that relate items where an item is named, and are mere talk elsewhere: "how many hosts do we need". */
const TALK = /^(?:belongs?|us(?:ed|ing)|handles?|manages?|report|part|includ\w+|needs?)$/;
const CONSUMES = /^(?:us|need|consum|requir)/;
const QUANTITY = /^(?:the|any|more|a|much|as|most|least)$/;

/** Whether the word at a place relates items. */
export function isRelationVerb(tokens: Token[], at: number, relationTypes: string[]): boolean {
  const { text, meaning } = tokens[at] as Token;
  const next = tokens[at + 1]?.text ?? '';
  const kinds = tokens.map((token) => token.meaning?.kind);
  const hasItem = kinds.includes('item');
  const runs = sameStem(text, 'run');
  // "deployed" is an event unless a place follows or is asked for.
  const isPlace = PLACE.test(next) || tokens.some((token) => token.text === 'where');
  if (meaning && !(meaning.kind === 'event' && hasItem && isPlace)) return false;
  if (!hasItem && (TALK.test(text) || (runs && kinds.filter((kind) => kind === 'type').length < 2)))
    return false;
  // "the version that is running" speaks of the event.
  if (next === 'about' || (runs && next === '' && kinds.includes('event'))) return false;
  // "databases that use postgres", "uses the most memory"
  const object = tokens.findIndex((token, place) => place > at && !QUANTITY.test(token.text));
  if (kinds[object] === 'metric' || kinds[object] === 'value') return false;
  // "how much memory does payments use", "memory used by payments": what it has of the metric.
  const consumes = kinds.includes('metric') && CONSUMES.test(text);
  if (consumes && (!kinds.includes('item', at) || (next === 'by' && kinds[at - 1] !== 'type'))) return false;
  return relationsFor(text, relationTypes) !== null;
}

function verbOf(tokens: Token[], itemAt: number, relationTypes: string[]) {
  const at = tokens.findIndex((_, place) => isRelationVerb(tokens, place, relationTypes));
  const token = tokens[at];
  const found = token && relationsFor(token.text, relationTypes);
  if (!token || !found) return null;
  const next = tokens[at + 1]?.text ?? '';
  const before = at < itemAt;
  const runs = sameStem(token.text, 'run');
  // "does host-07 run" and "does checkout run" differ only in what they are: both ends are asked.
  if (!before && runs && next === '' && !tokens.some(({ text }) => text === 'where'))
    return { ...found, direction: 'both' as const };
  // "which host runs checkout" tells "checkout runs on" from the other end.
  const turned = before && runs && !PLACE.test(next);
  const flips = [next === 'by' && found.by_turns, found.inverse, turned].filter(Boolean).length % 2 === 1;
  return { ...found, direction: before === !flips ? ('in' as const) : ('out' as const) };
}

const DEPENDS = ['depend', 'dependent', 'rely', 'use', 'need', 'require'];

interface MeantRelations {
  /** null: any relation. */
  relations: string[] | null;
  /** The verb tells the relation from its other end. */
  inverse: boolean;
  /** "by" after the verb turns it round; not where the relation's own name is passive already. */
  by_turns: boolean;
  transitive: boolean;
}

/** The catalog's relations that a verb means; null when it is no verb of a relation. */
function relationsFor(word: string, relationTypes: string[]): MeantRelations | null {
  const group = RELATION_VERBS.find((verb) => verb.words.some((each) => sameStem(each, word)));
  const told = group ?? RELATION_VERBS.find((verb) => verb.inverse.some((each) => sameStem(each, word)));
  const named = relationTypes.filter((type) => matches(type, [word]));
  const similar = told ? ofGroup(told, relationTypes, group === undefined) : null;
  if (group?.transitive && named.length === 0 && !saysDepends(relationTypes))
    return { relations: null, inverse: false, by_turns: true, transitive: true };
  const transitive = told?.transitive ?? false;
  if (named.length === 0) return similar && { ...similar, by_turns: true, transitive };
  // "hosted_by" and "hosted_on" name the relation from the end of what is hosted: "hosts" tells it from the other one.
  const turned = named.every(isTurned);
  const inverse = turned && !word.endsWith('ed');
  // "consumes" is one relation, "depends on" takes in what says the same.
  const isOne = transitive && !DEPENDS.some((each) => sameStem(each, word));
  const others = similar && similar.inverse === inverse && !isOne ? (similar.relations ?? []) : [];
  return { relations: [...new Set([...named, ...others])], inverse, by_turns: !turned, transitive };
}

/** Where no relation says "depends on", any may be a dependency: beside "calls" also "stores in". */
function saysDepends(relationTypes: string[]): boolean {
  const says = [...DEPENDS, ...(RELATION_VERBS[0]?.inverse ?? [])];
  return relationTypes.some((type) => matches(type, says));
}

function ofGroup(verb: Verb, relationTypes: string[], inverse: boolean) {
  const same = relationTypes.filter(
    (type) =>
      (matches(type, verb.words) && nameWords(type).at(-1) !== 'by') ||
      (matches(type, verb.inverse) && isTurned(type)),
  );
  if (same.length > 0) return { relations: same, inverse };
  const turned = relationTypes.filter((type) => matches(type, [...verb.words, ...verb.inverse]));
  return turned.length > 0 ? { relations: turned, inverse: !inverse } : { relations: null, inverse };
}

function matches(type: string, words: string[]): boolean {
  return nameWords(type)
    .filter((word) => !/^(?:on|by|to|of|in|is|has|with|for|from|at|api)$/.test(word))
    .some((each) => words.some((word) => sameStem(each, word)));
}

/** Named from the end that something is done to: "powered_by", "hosted_on". */
function isTurned(type: string): boolean {
  const words = nameWords(type);
  const participle = words.some((word) => word.endsWith('ed'));
  return words.at(-1) === 'by' || (participle && RELATION_VERBS.some((verb) => matches(type, verb.inverse)));
}
