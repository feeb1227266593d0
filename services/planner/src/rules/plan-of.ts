import { nearestOf } from '../model/nearest.ts';
import type { Clause } from './clause.ts';
import { besideEventGoal, eventsGoal } from './goals/events.ts';
import { attributeGoal, courseGoal, metricGoal } from './goals/figures.ts';
import type { Builder, Goal, RuleStep } from './goals/goal.ts';
import { countGoal, furtherGoal, listGoal, lookupGoal } from './goals/items.ts';
import { pathGoal, relationGoal } from './goals/relations.ts';
import { nameWords } from './words.ts';

/** The kinds of questions, the most specific first. */
const GOALS: Goal[] = [
  pathGoal,
  besideEventGoal,
  furtherGoal,
  courseGoal,
  metricGoal,
  attributeGoal,
  relationGoal,
  eventsGoal,
  countGoal,
  lookupGoal,
  listGoal,
];

/** The steps of the first goal that a clause is of the kind of and that uses all its words, or why there are none. Each trial begins with a new builder. */
export function planOf(clause: Clause, trial: () => Builder): RuleStep[] | string {
  const unknown = clause.words.filter(({ meaning }) => meaning.kind === 'unknown').map(({ text }) => text);
  if (unknown.length > 0) return nothingKnown(unknown, trial());
  if (clause.refers !== null && !isClear(clause, trial()))
    return 'it is not clear what "it" or "they" stands for';
  let refused: string | undefined;
  for (const goal of GOALS) {
    const builder = trial();
    const uses = goal(clause, builder);
    const unused = clause.words.filter(({ meaning: { kind } }) => kind !== 'filler' && !uses?.includes(kind));
    if (uses && unused.length === 0) return builder.steps;
    if (uses) refused ??= `${quoted(unused.map(({ text }) => text))} is not followed here`;
  }
  const said = clause.words.filter(({ meaning }) => meaning.kind !== 'filler').map(({ text }) => text);
  return refused ?? `it is not clear what is asked${said.length > 0 ? ` with ${quoted(said)}` : ''}`;
}

/** "it" is an item of the same clause, or what the clause before told of; "they" are not its one item, but those who own it. */
function isClear({ refers, items }: Clause, { before }: Builder): boolean {
  if (items.length > 0) return refers === 'one' && before === null;
  const toldOne =
    before?.clause.items.length === 1 && before.steps.every(({ tool }) => tool.startsWith('ci.get'));
  return before !== null && !(refers === 'many' && toldOne);
}

const quoted = (words: string[]) => [...new Set(words)].map((word) => `"${word}"`).join(', ');

/** What is not known, with names that hold such a word or, where it is one itself, are near to it. */
function nothingKnown(words: string[], { lexicon }: Builder): string {
  const codes = lexicon.catalog.items.map(({ code }) => code);
  const holding = codes.filter((code) => words.some((word) => nameWords(code).includes(word.toLowerCase())));
  const near = words.flatMap((word) => (/[\d_.:-]/.test(word) ? (nearestOf(word, codes) ?? []) : []));
  const names = [...new Set([...holding, ...near])].slice(0, 3);
  return `nothing here is known as ${quoted(words)}${names.length > 0 ? `; there is ${names.join(', ')}` : ''}`;
}
