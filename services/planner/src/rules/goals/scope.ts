import type { Json } from '@planyard/contracts';
import { type Clause, describeFilters } from '../clause.ts';
import type { Builder } from './goal.ts';
import { itemsOf, json } from './items.ts';

/** Items that figures are asked of, as arguments of a tool and in words: "of hosts". */
export interface Scope {
  args: Record<string, Json>;
  of: string;
}

/** The items of a clause: named ones, what the clause before found, or all that pass its filters. None where "it" or "they" stands for nothing. */
export function scopesOf(clause: Clause, builder: Builder): Scope[] {
  const { before, lexicon } = builder;
  const refers = clause.refers !== null && clause.items.length === 0;
  const related = refers ? before?.steps.find((step) => step.tool === 'graph.expand') : undefined;
  if (related) {
    const found = { args: { ci_ids: foundBy(related.id) }, of: `of ${related.purpose}` };
    // "it" may be the item or what was found: both are told.
    const own = before?.clause.items[0];
    return clause.refers === 'one' && own
      ? [{ args: { ci_ids: [own.code] }, of: `of ${own.code}` }, found]
      : [found];
  }
  if (clause.refers === 'many' && refers && before && before.clause.items.length === 0)
    return [
      { args: json(before.clause.filters), of: `of ${describeFilters(before.clause, lexicon.catalog)}` },
    ];
  const codes = itemsOf(clause, builder).map((item) => item.code);
  if (codes.length > 0) return [{ args: { ci_ids: codes }, of: `of ${codes.join(', ')}` }];
  // "it" must stand for something: figures of everything would answer another question.
  if (clause.refers !== null && Object.keys(clause.filters).length === 0) return [];
  return [{ args: json(clause.filters), of: `of ${describeFilters(clause, lexicon.catalog)}` }];
}

/** All that a step found, also through others: the answer tells them all. */
export function foundBy(step: string): Json {
  return { $from: step, path: 'nodes[].id' };
}
