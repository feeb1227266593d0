import type { Clause } from './clause.ts';
import { beforeEventGoal, eventsGoal } from './goals/events.ts';
import {
  countGoal,
  isCovered,
  listGoal,
  lookupGoal,
  overviewGoal,
  searchGoal,
  unknownNameGoal,
} from './goals/items.ts';
import { metricGoal } from './goals/metrics.ts';
import { pathGoal, relationGoal, superlativeGoal } from './goals/relations.ts';
import { simulateGoal } from './goals/simulate.ts';
import type { Builder } from './understand.ts';

/** Plans a clause when it is of its kind; false when it is not. */
export type Goal = (clause: Clause, builder: Builder) => boolean;

/** Words that turn a meaning round; the rules do not follow them. */
const NEGATION =
  /\b(?:not|without|except|excluding|neither|nor|never|other than|apart from|besides|no)\b|n['’]t\b/i;

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
  countGoal,
  eventsGoal,
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
  if (searchGoal(clause, builder)) return null;
  const unknown = [...clause.unknown_names, ...clause.unknown_words];
  const isName =
    clause.unknown_words.length === 0 || (clause.items.length === 0 && WANTS_A_NAME.test(clause.text));
  if (unknown.length > 0 && isName) return unknownNameGoal(unknown, builder);
  if (unknown.length > 0) return `nothing here is known as ${unknown.map((word) => `"${word}"`).join(', ')}`;
  if (clause.metrics.length > 0 && clause.events.length > 0)
    return simulateGoal(clause, builder) ? null : 'figures and events are not put together';
  return GOALS.some((goal) => goal(clause, builder)) ? null : 'it is not clear what is asked';
}
