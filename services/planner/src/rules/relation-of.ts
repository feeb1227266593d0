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
  if (
    supposes &&
    tokens.some((token) => (token.text !== 'if' && asksFor(token, 'impact')) || asksFor(token, 'state'))
  )
    return { ...asked('in', null, DEEP), impact: true };
  // A metric's or an event's name is no word of a relation: "connections of orders-db".
  const plain = tokens.map((token) => (token.meaning === null ? token : { ...token, text: '' }));
  if (
    plain.some((token, at) => asksFor(token, 'dependents') && !/^(?:up)?on$/.test(tokens[at + 1]?.text ?? ''))
  )
    return asked('in', dependencies(relationTypes), DEEP);
  if (plain.some((token) => asksFor(token, 'dependencies')))
    return asked('out', dependencies(relationTypes), DEEP);
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

/** Whether the word at a place relates items: "databases that use postgres" and "uses the most memory" do not. */
export function isRelationVerb(tokens: Token[], at: number, relationTypes: string[]): boolean {
  const { text, meaning } = tokens[at] as Token;
  const next = tokens[at + 1];
  const isPlace = next !== undefined && PLACE.test(next.text);
  const kinds = tokens.map((token) => token.meaning?.kind);
  const hasItem = kinds.includes('item');
  // "deployed" is an event unless a place follows or is asked for.
  if (
    meaning &&
    !(meaning.kind === 'event' && hasItem && (isPlace || tokens.some((token) => token.text === 'where')))
  )
    return false;
  if (
    !hasItem &&
    (TALK.test(text) || (sameStem(text, 'run') && kinds.filter((kind) => kind === 'type').length < 2))
  )
    return false;
  // "the version that is running" speaks of the event.
  if (next?.text === 'about' || (sameStem(text, 'run') && !next && kinds.includes('event'))) return false;
  const object = tokens
    .slice(at + 1)
    .find((token) => !/^(?:the|any|more|a|much|as)$|^(?:most|least)$/.test(token.text));
  if (object?.meaning?.kind === 'metric' || object?.meaning?.kind === 'value') return false;
  // "how much memory does payments use": what it has of the metric.
  const item = kinds.lastIndexOf('item', at);
  const aux = tokens.slice(kinds.indexOf('metric') + 1, item);
  if (
    kinds.includes('metric') &&
    !kinds.includes('type') &&
    item > 0 &&
    aux.every((token) => AUXILIARY.test(token.text)) &&
    aux.length > 0
  )
    return false;
  return relationsFor(text, relationTypes) !== null;
}

const AUXILIARY = /^(?:do|does|did|is|are|was|being|the|by)$/;

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
  const transitive = told?.transitive ?? false;
  if (named.length === 0) return similar && { ...similar, by_turns: true, transitive };
  // "hosted_by" and "hosted_on" name the relation from the end of what is hosted: "hosts" tells it from the other one.
  const turned = named.every(isTurned);
  const inverse = turned && !word.endsWith('ed');
  const others = similar && similar.inverse === inverse ? (similar.relations ?? []) : [];
  return { relations: [...new Set([...named, ...others])], inverse, by_turns: !turned, transitive };
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

/** Relations that say "depends on" in some word; null (any) when the catalog has none. */
function dependencies(relationTypes: string[]): string[] | null {
  const found = relationTypes.filter((type) => matches(type, (RELATION_VERBS[0] as Verb).words));
  return found.length > 0 ? found : null;
}
