import { type Clause, looseNumber } from '../clause.ts';
import { isNumeric, type Lexicon, nameWords } from '../lexicon.ts';
import { hasRelationVerb } from '../relation-of.ts';
import { asksEvents } from './events.ts';
import type { Goal } from './goal.ts';
import { boundsOf, RANKED } from './metrics.ts';
import { scopesOf } from './scope.ts';

const LISTED = 1000;
const EACH = /\b(?:each|every|per|all|they|them)\b/i;
/** A figure of all together, which a count tells. */
const TOGETHER = /\b(?:total|sum|average|avg|mean|together|altogether|combined)\b/i;

/** "which ward has the most beds", "databases larger than 100 GB", "how many beds does each ward have": a numeric attribute, item by item. */
export const attributeGoal: Goal = (clause, builder) => {
  const fields = attributesOf(clause, builder.lexicon);
  const { rank, below, above } = clause.figures;
  const bounds = boundsOf(clause.figures);
  const each = (clause.fields.length > 0 ? EACH : /\bhow\b/i).test(clause.text);
  if (fields.length === 0 || !(rank || bounds || each)) return false;
  if (TOGETHER.test(clause.text)) return false;
  if (clause.fields.length > 1 || clause.metrics.length > 0 || asksEvents(clause)) return false;
  if (looseNumber(clause) !== null || hasRelationVerb(clause.tokens)) return false;
  for (const { args, of } of scopesOf(clause, builder))
    for (const field of fields)
      builder.add(
        'figures',
        'ci.aggregate',
        {
          ...args,
          agg: 'max',
          field,
          group_by: 'code',
          order: rank?.order ?? (below !== null && above === null ? 'asc' : 'desc'),
          top: rank && !bounds ? (rank.count ?? RANKED) : LISTED,
        },
        `${field} ${of}${rank ? `, ${rank.order === 'desc' ? 'highest' : 'lowest'} first` : ''}`,
        bounds ? { show: bounds } : {},
      );
  return true;
};

/** The numeric attribute that a clause names, or those that its adjective may speak of; in the unit that is asked for. */
export function attributesOf({ fields, tokens, figures }: Clause, { catalog }: Lexicon): string[] {
  const named = fields.filter((field) => isNumeric(field, catalog)).slice(0, 1);
  const implied = tokens.flatMap(({ meaning }) => (meaning?.kind === 'adjective' ? meaning.fields : []));
  return (named.length > 0 ? named : [...new Set(implied)]).filter(
    (field) => figures.unit === null || nameWords(field).includes(figures.unit),
  );
}
