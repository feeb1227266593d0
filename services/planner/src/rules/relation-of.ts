import { nameWords } from './lexicon.ts';
import type { Token } from './scan.ts';
import { RELATION_VERBS, sameStem, type Verb } from './vocabulary.ts';

/** How a clause asks for what an item is related to. */
export interface AskedRelation {
  /** Place of the item in the clause. */
  item_at: number;
  direction: 'in' | 'out' | 'both';
  /** null: any relation. */
  relations: string[] | null;
  depth: number;
  /** What would happen to others, not what is related. */
  impact: boolean;
}

const DEEP = 5;
const IMPACT =
  /^(?:impact|impacted|impacts|affect|affected|affects|break|breaks|broken|fail|fails|failed|fails|failure|die|dies|down|lose|lost|stop|stops|stopped|unavailable|offline|outage)$/;
const INTO_NOUNS = /^(?:dependents?|consumers?|users?|clients?|callers?|downstream)$/;
const OUT_NOUNS = /^(?:dependenc(?:y|ies)|upstream|providers?)$/;
const BOTH_WORDS =
  /^(?:neighbou?rs?|neighbou?ring|related|relations?|relationships?|connected|connections?|linked|links?|around)$/;

/** The relation a clause asks for, read against its first item; null when it asks for none. */
export function relationOf(tokens: Token[], relationTypes: string[]): AskedRelation | null {
  const itemAt = tokens.findIndex((token) => token.meaning?.kind === 'item');
  if (itemAt < 0) return null;
  const depth = depthOf(tokens);
  const asked = (direction: AskedRelation['direction'], more: Partial<AskedRelation> = {}) => ({
    item_at: itemAt,
    direction,
    relations: null,
    depth: depth ?? 1,
    impact: false,
    ...more,
  });
  const texts = tokens.map((token) => token.text);
  // A metric's or an event's name is no word of a relation: "connections of orders-db".
  const plain = tokens.map((token) => (token.meaning === null ? token.text : ''));
  // "when X fails" supposes it; "when did X fail" asks for the time.
  const conditional = texts.some(
    (text, at) =>
      /^(?:if|impact|impacted|affected|affect|affects|break|breaks)$/.test(text) ||
      (text === 'when' && at > 0),
  );
  if (conditional && texts.some((text) => IMPACT.test(text)))
    return asked('in', { impact: true, depth: depth ?? DEEP });
  if (plain.some((text, at) => INTO_NOUNS.test(text) && !/^(?:up)?on$/.test(texts[at + 1] ?? '')))
    return asked('in', { relations: dependencies(relationTypes), depth: depth ?? DEEP });
  if (plain.some((text) => OUT_NOUNS.test(text)))
    return asked('out', {
      relations: dependencies(relationTypes),
      depth: depth ?? DEEP,
    });
  const verb = verbOf(tokens, itemAt, relationTypes);
  if (verb) {
    return asked(verb.direction, {
      relations: verb.relations,
      depth: depth ?? (verb.transitive ? DEEP : 1),
    });
  }
  if (plain.some((text) => BOTH_WORDS.test(text))) return asked('both');
  return null;
}

/** Verbs that ask for a relation, and others that are as often mere talk: "how many hosts do we need". */
const TALK = /^(?:belongs?|us(?:ed|ing)|handles?|manages?|report|part|includ\w+)$/;

/** Whether a clause has a verb that relates items. Those of place ("running in production") count only between two types. */
export function hasRelationVerb(tokens: Token[]): boolean {
  const types = tokens.filter((token) => token.meaning?.kind === 'type').length;
  const verbs = RELATION_VERBS.filter(({ words }) => types > 1 || !words.includes('run'));
  return tokens.some(
    ({ text, meaning }, at) =>
      meaning === null &&
      !TALK.test(text) &&
      // "databases that use postgres": a value is no item.
      tokens[at + 1]?.meaning?.kind !== 'value' &&
      verbs.some((verb) => [...verb.words, ...verb.inverse].some((each) => sameStem(each, text))),
  );
}

interface FoundVerb {
  direction: AskedRelation['direction'];
  relations: string[] | null;
  transitive: boolean;
}

function isEvent({ meaning }: Token): boolean {
  return meaning?.kind === 'event';
}

function verbOf(tokens: Token[], itemAt: number, relationTypes: string[]): FoundVerb | null {
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    if (token.meaning && token.meaning.kind !== 'event') continue;
    const next = tokens[at + 1]?.text ?? '';
    // "deployed" is an event unless a place follows or is asked for.
    const place = /^(?:on|to|in|at|onto|inside)$/.test(next) || tokens.some(({ text }) => text === 'where');
    if (token.meaning && !place) continue;
    // "the version that is running" speaks of the event.
    const idle = next === 'about' || (sameStem(token.text, 'run') && next === '' && tokens.some(isEvent));
    const found = idle ? null : relationsFor(token.text, relationTypes);
    if (!found) continue;
    const before = at < itemAt;
    // "does host-07 run" and "does checkout run" differ only in what they are: both ends are asked.
    if (!before && sameStem(token.text, 'run') && next === '' && !tokens.some(({ text }) => text === 'where'))
      return { direction: 'both', relations: found.relations, transitive: false };
    const passive = next === 'by';
    // "which host runs checkout" tells "checkout runs on" from the other end.
    const turned = before && sameStem(token.text, 'run') && !/^(?:on|in|at|under|inside|onto)$/.test(next);
    const flips = [passive && found.by_turns, found.inverse, turned].filter(Boolean).length % 2 === 1;
    const direction = before === !flips ? 'in' : 'out';
    return { direction, relations: found.relations, transitive: found.transitive };
  }
  return null;
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
  const named = relationTypes.filter((type) => verbWords(type).some((each) => sameStem(each, word)));
  const similar = told ? ofGroup(told, relationTypes, group === undefined) : null;
  const transitive = told?.transitive ?? false;
  if (named.length > 0) {
    // "hosted_by" and "hosted_on" name the relation from the end of what is hosted: "hosts" tells it from the other one.
    const turned = named.every(isTurned);
    const inverse = turned && !word.endsWith('ed');
    const others = similar && similar.inverse === inverse ? (similar.relations ?? []) : [];
    return { relations: [...new Set([...named, ...others])], inverse, by_turns: !turned, transitive };
  }
  return similar ? { ...similar, by_turns: true, transitive } : null;
}

function ofGroup(
  verb: Verb,
  relationTypes: string[],
  told: boolean,
): { relations: string[] | null; inverse: boolean } {
  const same = relationTypes.filter(
    (type) => (matches(type, verb.words) && !endsBy(type)) || (matches(type, verb.inverse) && isTurned(type)),
  );
  if (same.length > 0) return { relations: same, inverse: told };
  const turned = relationTypes.filter((type) => matches(type, [...verb.words, ...verb.inverse]));
  if (turned.length > 0) return { relations: turned, inverse: !told };
  return { relations: null, inverse: told };
}

function matches(type: string, words: string[]): boolean {
  return verbWords(type).some((each) => words.some((word) => sameStem(each, word)));
}

function verbWords(type: string): string[] {
  return nameWords(type).filter((word) => !/^(?:on|by|to|of|in|is|has|with|for|from|at|api)$/.test(word));
}

function endsBy(type: string): boolean {
  return nameWords(type).at(-1) === 'by';
}

/** Named from the end that something is done to: "powered_by", "hosted_on". */
function isTurned(type: string): boolean {
  const participle = nameWords(type).some((word) => word.endsWith('ed'));
  return endsBy(type) || (participle && RELATION_VERBS.some((verb) => matches(type, verb.inverse)));
}

/** Relations that say "depends on" in some word; null (any) when the catalog has none. */
function dependencies(relationTypes: string[]): string[] | null {
  const verb = RELATION_VERBS[0] as Verb;
  const found = relationTypes.filter((type) => matches(type, verb.words));
  return found.length > 0 ? found : null;
}

function depthOf(tokens: Token[]): number | null {
  if (
    tokens.some(({ text }) => /^(?:directly|direct|immediate|immediately)$/.test(text)) &&
    !tokens.some(({ text }) => /^indirect/.test(text))
  )
    return 1;
  if (
    tokens.some(({ text }) =>
      /^(?:indirect|indirectly|transitive|transitively|ultimately|recursively)$/.test(text),
    )
  )
    return 10;
  return null;
}
