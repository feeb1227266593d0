import type { Clause } from './clause.ts';
import { besideEventGoal, eventsGoal } from './goals/events.ts';
import { attributeGoal, metricGoal } from './goals/figures.ts';
import type { Builder, Goal, Plan } from './goals/goal.ts';
import { countGoal, furtherGoal, listGoal, lookupGoal, overviewGoal } from './goals/items.ts';
import { pathGoal, relatedToFirstGoal, relationGoal } from './goals/relations.ts';
import { unknownGoal } from './goals/unknown.ts';
import type { Role } from './roles.ts';

/** The kinds of questions, the most specific first. */
const GOALS: Goal[] = [
  furtherGoal,
  pathGoal,
  besideEventGoal,
  relationGoal,
  relatedToFirstGoal,
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
  bound:
    'only metrics and numeric attributes are compared with a number, in their own units: to tell which items, not when',
  apart: 'types are told together only where "and" joins them, values of an attribute one at a time',
  by_field: 'items are counted by a field, figures and events are not',
  by_type: 'figures and events are told by item, items are not counted by what they are related to',
  by_time: 'only figures of a metric are told by hour, day or week',
  total: 'only attributes are added up',
  event: 'figures and events are asked for one at a time',
};

/** The plan of the first goal that a clause is of the kind of and that uses all that it asks for, or why there is none. Each trial begins with a new builder. */
export function planOf(clause: Clause, trial: () => Builder): Plan | string {
  const { tokens, refers } = clause;
  const negation = tokens.find(({ roles }) => roles.includes('not'));
  if (negation) return `"${negation.text}" is not followed`;
  if (clause.figures.other_end === 'unclear')
    return 'the highest and the lowest are told together only where "and" joins them';
  if (refers !== null && clause.items.length === 0 && !isClear(refers, trial()))
    return 'it is not clear what "it" or "they" stands for';
  const unknown = unknownGoal(clause, trial());
  if (unknown !== null) return unknown;
  const metrics = chooseMetrics(clause, trial());
  if (typeof metrics === 'string') return metrics;
  let refused: number[] | undefined;
  for (const goal of GOALS) {
    const builder = trial();
    const uses = goal({ ...clause, metrics }, builder);
    const unused = placesOf(
      clause,
      (roles) => roles.length > 0 && !roles.some((role) => uses?.includes(role)),
    );
    if (uses && unused.length === 0) return builder;
    if (uses) refused ??= unused;
  }
  // Where no goal is of its kind, a bound is the likeliest reason.
  refused ??= placesOf(clause, (roles) => roles.includes('bound'));
  return refused.length > 0 ? notFollowed(clause, refused) : 'it is not clear what is asked';
}

function placesOf({ tokens }: Clause, isMeant: (roles: Role[]) => boolean): number[] {
  return tokens.flatMap(({ roles }, at) => (isMeant(roles) ? [at] : []));
}

/** "they" are not the one item that the clause before told of, but those who own it. */
function isClear(refers: 'one' | 'many', { before }: Builder): boolean {
  const toldOne =
    before?.clause.items.length === 1 && before.steps.every(({ tool }) => tool.startsWith('ci.get'));
  return before !== null && !(refers === 'many' && toldOne);
}

function notFollowed({ tokens }: Clause, unused: number[]): string {
  // "by severity": the word after "by" belongs to it.
  const told = unused.flatMap((at) =>
    tokens[at]?.roles.some((role) => role.startsWith('by_')) ? [at, at + 1] : [at],
  );
  const words = [...new Set(told)].map((at) => `${told.includes(at - 1) ? ' ' : '", "'}${tokens[at]?.text}`);
  const reason = unused.flatMap((at) => tokens[at]?.roles ?? []).flatMap((role) => REASONS[role] ?? [])[0];
  return `${words.join('').slice(3)}" is not followed here${reason ? `: ${reason}` : ''}`;
}

/** Of the metrics that each word may mean, those in the unit of a bound, and of these one that the items asked about have. Or why none is. */
function chooseMetrics(clause: Clause, builder: Builder): string[][] | string {
  const known = new Map(builder.lexicon.catalog.metrics.map((metric) => [metric.name, metric]));
  const { unit } = clause.figures;
  const types = typesOf(clause, builder);
  const chosen = clause.metrics.map((meant) => {
    const fitting = meant.filter((name) => unit === null || unit === known.get(name)?.unit.toLowerCase());
    return fitting.find((name) => known.get(name)?.types.some((type) => types.includes(type))) ?? fitting[0];
  });
  const at = chosen.indexOf(undefined);
  const [other = ''] = clause.metrics[at] ?? [];
  if (at >= 0) return `${other} is recorded in "${known.get(other)?.unit}", not in "${unit}"`;
  return chosen.map((name) => [name ?? '']);
}

/** Types of the items that a clause is about, as far as they are known before it runs. */
function typesOf({ types, items, refers }: Clause, { before }: Builder): string[] {
  if (types.length > 0) return types;
  const earlier = items.length === 0 && refers !== null ? before?.clause : undefined;
  if (refers === 'many' && earlier && earlier.types.length > 0) return earlier.types;
  return (earlier?.items ?? items).map((item) => item.type);
}
