import type { Clause } from './clause.ts';
import { attributeGoal, attributesOf } from './goals/attributes.ts';
import { asksEvents, beforeEventGoal, eventsGoal, mentionGoal } from './goals/events.ts';
import type { Builder, Goal } from './goals/goal.ts';
import {
  countedGoal,
  countGoal,
  isCovered,
  listGoal,
  lookupGoal,
  overviewGoal,
  searchGoal,
  unknownNameGoal,
} from './goals/items.ts';
import { bucketOf, metricGoal } from './goals/metrics.ts';
import { pathGoal, relationGoal, superlativeGoal } from './goals/relations.ts';
import { simulateGoal } from './goals/simulate.ts';
import { nameWords } from './lexicon.ts';
import { hasRelationVerb } from './relation-of.ts';
import type { Token } from './scan.ts';

/** Words that turn a meaning round, or compare; the rules do not follow them. */
const NEGATION =
  /\b(?:not|without|except|excluding|neither|nor|never|nobody|none|other than|apart from|besides|but|no|else|same)\b|n['’]t\b/i;

/** Questions about one thing: a word that nothing is known by stands for its name. */
const WANTS_A_NAME =
  /\b(?:about|owns?|owned by|owner of|responsible for|depend\w*|rely|relies|uses?|used by|runs? on|hosted|connected to|path|between|happen\w* (?:to|with|on)|impact\w*|affected|status of|state of|dependenc\w+|belongs?)\b/i;

/** The kinds of questions, the most specific first. */
const GOALS: Goal[] = [
  simulateGoal,
  pathGoal,
  beforeEventGoal,
  relationGoal,
  superlativeGoal,
  metricGoal,
  attributeGoal,
  eventsGoal,
  countedGoal,
  countGoal,
  lookupGoal,
  listGoal,
  overviewGoal,
];

/** Plans one clause; returns why it cannot, or null. */
export function goalOf(clause: Clause, builder: Builder): string | null {
  const negation = NEGATION.exec(clause.text)?.[0];
  if (negation) return `"${negation}" is not followed`;
  if (isCovered(clause, builder)) return null;
  if (clause.refers !== null && clause.items.length === 0 && !builder.before)
    return 'it is not clear what "it" or "they" stands for';
  if (searchGoal(clause, builder) || mentionGoal(clause, builder)) return null;
  if (clause.unknown_names.length === 1 && clause.unknown_words.length === 0)
    if (clause.metrics.length === 0 && beforeEventGoal(clause, builder)) return null;
  const unknown = [...clause.unknown_names, ...clause.unknown_words];
  const isName =
    clause.unknown_words.length === 0 || (clause.items.length === 0 && WANTS_A_NAME.test(clause.text));
  if (unknown.length > 0 && isName) return unknownNameGoal(unknown, builder);
  if (unknown.length > 0) return nothingKnown(unknown, builder);
  // "how did memory change" asks for its figures.
  const changed = /\bhow (?:did|has|have) .*\bchanged?\b/i.test(clause.text);
  if (clause.metrics.length > 0 && clause.events.length > 0 && !changed)
    return simulateGoal(clause, builder)
      ? null
      : `figures (${clause.metrics.join(', ')}) and events (${clause.events.flat().join(', ')}) are asked for one at a time`;
  const refusal = refusalOf(clause, builder);
  if (refusal !== null) return refusal;
  return GOALS.some((goal) => goal(clause, builder)) ? null : 'it is not clear what is asked';
}

/** What is not known, with the names of items that hold such a word. */
function nothingKnown(words: string[], { lexicon }: Builder): string {
  const holding = lexicon.catalog.items.filter(({ code, name }) =>
    words.some((word) => nameWords(`${code} ${name}`).includes(word.toLowerCase())),
  );
  const codes = holding.slice(0, 3).map(({ code }) => code);
  return `nothing here is known as ${words.map((word) => `"${word}"`).join(', ')}${codes.length > 0 ? ` alone, but ${codes.join(', ')}` : ''}`;
}

/** What a clause asks of figures that no tool tells: left out, the answer would be another question's. */
function refusalOf(clause: Clause, builder: Builder): string | null {
  const { lexicon } = builder;
  const { metrics, events, fields, figures, tokens } = clause;
  const bounded = figures.above !== null || figures.below !== null;
  if (bounded && metrics.length === 0 && events.length === 0 && attributesOf(clause, lexicon).length === 0)
    return 'only metrics and numeric attributes are compared with a number, in their own units';
  if (bucketOf(tokens) !== null && (bounded || figures.rank || metrics.length === 0))
    return 'only the plain figures of a metric are told by hour, day or week';
  if (metrics.length > 0 && fields.length > 0)
    return `${metrics.join(', ')} is told by item, not by ${fields.join(', ')}`;
  if (clause.types.length > 1 && clause.items.length === 0 && !isJoined(clause) && !hasRelationVerb(tokens))
    return `${clause.types.join(' and ')} are told together only where "and" joins them`;
  const twice = Object.keys(clause.filters.attributes ?? {}).find(
    (field) => valuesOf(tokens, field).length > 1,
  );
  if (twice) return `items are told by one ${twice} at a time`;
  const groups = asksEvents(clause) ? countedBy(tokens) : null;
  if (groups !== null) return `events are counted by item, not by ${groups}`;
  const other = lexicon.catalog.metrics.find(
    ({ name, unit }) => metrics.includes(name) && figures.unit !== null && !isUnit(figures.unit, unit),
  );
  if (other) return `${other.name} is recorded in "${other.unit}", not in "${figures.unit}"`;
  if (metrics.length > 0 && tokens.some(({ text, meaning }) => meaning === null && TOTAL.test(text)))
    return `${metrics.join(', ')} of several items is not added up`;
  return null;
}

/** "services and hosts", but not "services with hosts", which asks how they are related. */
function isJoined({ tokens }: Clause): boolean {
  const at = tokens.flatMap(({ meaning }, place) =>
    meaning?.kind === 'type' && meaning.type ? [place] : [],
  );
  const between = tokens.slice(at[0], at.at(-1)).filter(({ meaning }) => meaning === null);
  return between.every(({ text }) => /^(?:and|or|the|all|plus|as|well|each|every|both)$/.test(text));
}

function valuesOf(tokens: Token[], field: string): string[] {
  const values = tokens.flatMap(({ meaning }) =>
    meaning?.kind === 'value' && meaning.field === field ? [meaning.value] : [],
  );
  return [...new Set(values)];
}

/** "by severity", "by owner": what is no item, and what no tool counts events by. */
function countedBy(tokens: Token[]): string | null {
  const by = tokens.findIndex(({ text }) => /^(?:by|per|each|every)$/.test(text));
  const group = tokens.slice(by + 1).find(({ text }) => !/^(?:the|its|their|each|every)$/.test(text));
  if (by < 0 || !group) return null;
  return group.meaning?.kind === 'field' || NO_ITEM.test(group.text) ? group.text : null;
}

const NO_ITEM = /^(?:severity|severities|minute|month|user|whom)$/;

const TOTAL = /^(?:total|altogether|combined)$/;

/** Whether a typed unit is a metric's: "percent" is "%", "milliseconds" are "ms". */
function isUnit(typed: string, unit: string): boolean {
  const plain = UNITS.find(([pattern]) => pattern.test(typed))?.[1] ?? typed;
  return plain === unit.toLowerCase();
}

const UNITS: [RegExp, string][] = [
  [/^percent$/, '%'],
  [/^milliseconds?$/, 'ms'],
  [/^sec/, 's'],
];
