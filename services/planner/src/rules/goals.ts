import type { Clause } from './clause.ts';
import { besideEventGoal, eventsGoal } from './goals/events.ts';
import type { Builder, Goal } from './goals/goal.ts';
import { countGoal, furtherGoal, listGoal, lookupGoal, overviewGoal } from './goals/items.ts';
import { attributeGoal, metricGoal } from './goals/metrics.ts';
import { pathGoal, relationGoal } from './goals/relations.ts';
import { simulateGoal } from './goals/simulate.ts';
import { unknownGoal } from './goals/unknown.ts';
import type { Role } from './roles.ts';

/** The kinds of questions, the most specific first. */
const GOALS: Goal[] = [
  furtherGoal,
  simulateGoal,
  pathGoal,
  besideEventGoal,
  relationGoal,
  metricGoal,
  attributeGoal,
  eventsGoal,
  countGoal,
  lookupGoal,
  listGoal,
  overviewGoal,
];

/** Why words are not used that people often put beside what the rules understand. */
const REASONS: Partial<Record<Role, string>> = {
  bound: 'only metrics and numeric attributes are compared with a number, in their own units',
  apart: 'types are told together only where "and" joins them, values of an attribute one at a time',
  by_field: 'items are counted by a field, figures and events are not',
  by_type: 'figures and events are told by item, items are not counted by what they are related to',
  by_time: 'only figures of a metric are told by hour, day or week',
  total: 'only attributes are added up',
  event: 'figures and events are asked for one at a time',
};

/**
 * Plans one clause by the first goal that it is of the kind of and that uses all that it asks for; returns why there is
 * none, or null. Each trial begins with a new builder, of which only the last one is kept.
 */
export function goalOf(clause: Clause, trial: () => Builder): string | null {
  const negation = clause.tokens.find((_, at) => clause.roles[at]?.includes('not'));
  if (negation) return `"${negation.text}" is not followed`;
  if (clause.refers !== null && clause.items.length === 0 && !isClear(clause, trial()))
    return 'it is not clear what "it" or "they" stands for';
  const unknown = unknownGoal(clause, trial());
  if (unknown !== null) return unknown === 'planned' ? null : unknown;
  const metrics = chooseMetrics(clause, trial());
  if (typeof metrics === 'string') return metrics;
  const read = { ...clause, metrics };
  let refusal: string | null = null;
  for (const goal of GOALS) {
    const uses = goal(read, trial());
    if (uses === null) continue;
    const unused = clause.roles.flatMap((roles, at) =>
      roles.length > 0 && !roles.some((role) => uses.includes(role)) ? [at] : [],
    );
    if (unused.length === 0) return null;
    refusal ??= notFollowed(clause, unused);
  }
  return refusal ?? 'it is not clear what is asked';
}

/** "they" are not the one item that the clause before told of, but those who own it. */
function isClear({ refers }: Clause, { before }: Builder): boolean {
  const toldOne =
    before?.clause.items.length === 1 && before.steps.every(({ tool }) => tool.startsWith('ci.get'));
  return before !== null && !(refers === 'many' && toldOne);
}

function notFollowed({ tokens, roles }: Clause, unused: number[]): string {
  // "by severity": the word after "by" belongs to it.
  const told = unused.flatMap((at) =>
    roles[at]?.some((role) => role.startsWith('by_')) ? [at, at + 1] : [at],
  );
  const words = [...new Set(told)].map((at) => `${told.includes(at - 1) ? ' ' : '", "'}${tokens[at]?.text}`);
  const reason = unused.flatMap((at) => roles[at] ?? []).flatMap((role) => REASONS[role] ?? [])[0];
  return `${words.join('').slice(3)}" is not followed here${reason ? `: ${reason}` : ''}`;
}

/** Of the metrics that each word may mean, those in the unit of a bound, and of these one that the items asked about have. Or why none is. */
function chooseMetrics(clause: Clause, builder: Builder): string[][] | string {
  const known = new Map(builder.lexicon.catalog.metrics.map((metric) => [metric.name, metric]));
  const { unit } = clause.figures;
  const types = typesOf(clause, builder);
  const chosen: string[][] = [];
  for (const meant of clause.metrics) {
    const fitting = meant.filter((name) => unit === null || isUnit(unit, known.get(name)?.unit ?? ''));
    const best =
      fitting.find((name) => known.get(name)?.types.some((type) => types.includes(type))) ?? fitting[0];
    if (best === undefined)
      return `${meant[0]} is recorded in "${known.get(meant[0] ?? '')?.unit}", not in "${unit}"`;
    chosen.push([best]);
  }
  return chosen;
}

/** Types of the items that a clause is about, as far as they are known before it runs. */
function typesOf(clause: Clause, { before }: Builder): string[] {
  if (clause.types.length > 0) return clause.types;
  const { items, types } =
    clause.items.length === 0 && clause.refers !== null && before ? before.clause : clause;
  return clause.refers === 'many' && types.length > 0 ? types : items.map((item) => item.type);
}

/** Whether a typed unit is a metric's: "percent" is "%", "milliseconds" are "ms". */
function isUnit(typed: string, unit: string): boolean {
  const plain = typed
    .replace(/^percent$/, '%')
    .replace(/^milliseconds?$/, 'ms')
    .replace(/^sec.*/, 's');
  return plain === unit.toLowerCase();
}
