import { nameWords } from './lexicon.ts';
import type { Token } from './scan.ts';
import { RELATION_VERBS, ROLES, stem, type WordRole } from './vocabulary.ts';

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
  const fails = has('state') || tokens.some((token) => token.text !== 'if' && asksFor(token, 'impact'));
  if (supposes && fails) return { ...asked('in', null, DEEP), impact: true };
  // A metric's or an event's name is no word of a relation: "connections of orders-db".
  const says = (role: WordRole) =>
    tokens.some(
      (token, at) =>
        !token.meaning && asksFor(token, role) && !/^(?:up)?on$/.test(tokens[at + 1]?.text ?? ''),
    );
  if (says('dependents')) return asked('in', dependencies(relationTypes), DEEP);
  if (says('dependencies')) return asked('out', dependencies(relationTypes), DEEP);
  const at = tokens.findIndex((_, place) => isRelationVerb(tokens, place, relationTypes));
  const verb = verbAt(tokens, at, relationTypes);
  if (verb) {
    const before = at < itemAt;
    // "does host-07 run" and "does checkout run" differ only in what they are: both ends are asked.
    const ends = !before && isRun(tokens[at]) && at === tokens.length - 1;
    const isBoth = ends && !tokens.some(({ text }) => text === 'where');
    // "which host runs checkout" tells "checkout runs on" from the other end.
    const turned = before && isRun(tokens[at]) && !PLACE.test(tokens[at + 1]?.text ?? '');
    const direction = before === (verb.turned === turned) ? 'in' : 'out';
    return asked(isBoth ? 'both' : direction, verb.relations, verb.reaches ? DEEP : 1);
  }
  return says('neighbours') ? asked('both', null, 1) : null;
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

/** Whether the word at a place relates items. */
export function isRelationVerb(tokens: Token[], at: number, relationTypes: string[]): boolean {
  const { text, meaning } = tokens[at] as Token;
  const next = tokens[at + 1]?.text ?? '';
  const kinds = tokens.map((token) => token.meaning?.kind);
  const hasItem = kinds.includes('item');
  // "deployed" is an event unless a place follows or is asked for.
  const isPlace = PLACE.test(next) || tokens.some((token) => token.text === 'where');
  if (meaning && !(meaning.kind === 'event' && hasItem && isPlace)) return false;
  const types = kinds.filter((kind) => kind === 'type').length;
  if (!hasItem && (TALK.test(text) || (isRun(tokens[at]) && types < 2))) return false;
  // "the version that is running" speaks of the event.
  if (next === 'about' || (isRun(tokens[at]) && next === '' && kinds.includes('event'))) return false;
  // "databases that use postgres", "uses the most memory"
  const object = tokens.findIndex((token, place) => place > at && !QUANTITY.test(token.text));
  if (kinds[object] === 'metric' || kinds[object] === 'value') return false;
  // "how much memory does payments use", "memory used by payments": what it has of the metric.
  const consumes = kinds.includes('metric') && CONSUMES.test(text);
  if (consumes && (!kinds.includes('item', at) || (next === 'by' && kinds[at - 1] !== 'type'))) return false;
  return verbAt(tokens, at, relationTypes) !== null;
}

interface Verb {
  /** The catalog's relations that it means; null: any. */
  relations: string[] | null;
  /** It is told from the other end than they are. */
  turned: boolean;
  /** It is meant through others, too. */
  reaches: boolean;
}

function verbAt(tokens: Token[], at: number, relationTypes: string[]): Verb | null {
  const word = tokens[at]?.text ?? '';
  const isBy = tokens[at + 1]?.text === 'by';
  const row = RELATION_VERBS.findIndex((verb) => isAmong(word, verb.words));
  const other = RELATION_VERBS.findIndex((verb) => isAmong(word, verb.parts));
  const line = row >= 0 ? row : other;
  const named = relationTypes.filter((type) => isAmong(word, contentWords(type)));
  if (line < 0 && named.length === 0) return null;
  const reaches = line === 0 || line === 1;
  const turned = isTurned(row < 0 && other >= 0, isBy, word);
  if (named.length === 0 && reaches && dependencies(relationTypes) === null)
    return { relations: null, turned, reaches };
  const similar = reaches
    ? [...onLine(0, relationTypes), ...onLine(1, relationTypes)]
    : onLine(line, relationTypes);
  const first = named[0] ?? similar.find((type) => !isTurnedType(type)) ?? similar[0];
  if (first === undefined) return { relations: null, turned, reaches };
  const same = similar.filter((type) => isTurnedType(type) === isTurnedType(first));
  // "consumes" is one relation, "depends on" takes in what says the same.
  const relations = named.length > 0 && line === 1 ? named : [...new Set([...named, ...same])];
  return { relations, turned: turned !== isTurnedType(first), reaches };
}

/** Relations that are dependencies. Where none is called so, any may be one: beside "calls" also "stores in". */
function dependencies(relationTypes: string[]): string[] | null {
  const [own, further] = [onLine(0, relationTypes), onLine(1, relationTypes)];
  return own.length > 0 ? relationTypes.filter((type) => own.includes(type) || further.includes(type)) : null;
}

function onLine(line: number, relationTypes: string[]): string[] {
  const { words = [], parts = [] } = RELATION_VERBS[line] ?? {};
  return relationTypes.filter((type) =>
    contentWords(type).some((word) => isAmong(word, [...words, ...parts])),
  );
}

/** "used by" is told from the other end than "uses"; so is "hosts" than "runs on", and "hosted on" is not. */
function isTurned(isOther: boolean, isBy: boolean, word: string): boolean {
  return isOther ? !(isBy || word.endsWith('ed')) : isBy;
}

function isTurnedType(type: string): boolean {
  const words = contentWords(type);
  const other = words.find((word) => RELATION_VERBS.some((verb) => isAmong(word, verb.parts)));
  return isTurned(other !== undefined, nameWords(type).at(-1) === 'by', other ?? '');
}

function isAmong(word: string, others: string[]): boolean {
  return others.some((other) => stem(other) === stem(word));
}

function contentWords(type: string): string[] {
  return nameWords(type).filter((word) => !/^(?:on|by|to|of|in|is|has|with|for|from|at|api)$/.test(word));
}
