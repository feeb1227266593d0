import type { Json } from '@planyard/contracts';
import { type Clause, describeFilters } from '../clause.ts';
import { hasRelationVerb } from '../relation-of.ts';
import { HIGHEST, LOWEST } from '../vocabulary.ts';
import type { Builder, Goal } from './goal.ts';
import { itemsOf, json } from './items.ts';

const RANKED = 5;
/** As many as the tool shows. */
const ALL = 5000;

/** Figures of a metric: of named items, of what the clause before found, or of all items of a type. */
export const metricGoal: Goal = (clause, builder) => {
  if (clause.metrics.length === 0) return false;
  // Figures by owner and the like would need a join that no tool makes.
  if (clause.fields.length > 0) return false;
  if (clause.items.length === 0 && clause.types.length > 1 && hasRelationVerb(clause.tokens)) return false;
  if (/\bwhy\b/i.test(clause.text))
    builder.note('These are figures, not reasons: without a model nothing here says why.');
  const { before } = builder;
  const related =
    clause.refers !== null && clause.items.length === 0
      ? before?.steps.find((step) => step.tool === 'graph.expand')
      : undefined;
  if (related) {
    const ids = { $from: related.id, path: 'nodes[?depth == `1`].id' };
    // "it" may be the item or what was found: both are told.
    const own = before?.clause.items[0];
    if (clause.refers === 'one' && own) addMetric(clause, builder, { ci_ids: [own.code] }, `of ${own.code}`);
    addMetric(clause, builder, { ci_ids: ids }, `of ${related.purpose}`);
    return true;
  }
  const listed = clause.refers === 'many' && clause.items.length === 0 ? before : null;
  if (listed && listed.clause.items.length === 0) {
    addMetric(
      clause,
      builder,
      json(listed.clause.filters),
      `of ${describeFilters(listed.clause, builder.lexicon.catalog)}`,
    );
    return true;
  }
  const items = itemsOf(clause, builder);
  // "it" must stand for something: figures of everything would answer another question.
  if (clause.refers !== null && items.length === 0 && Object.keys(clause.filters).length === 0) return false;
  if (items.length > 0)
    addMetric(
      clause,
      builder,
      { ci_ids: items.map((item) => item.code) },
      `of ${items.map((item) => item.code).join(', ')}`,
    );
  else
    addMetric(
      clause,
      builder,
      json(clause.filters),
      `of ${describeFilters(clause, builder.lexicon.catalog)}`,
    );
  return true;
};

/** Adds a call for each metric a clause names, over a scope of items. */
export function addMetric(clause: Clause, builder: Builder, scope: Record<string, Json>, of: string): void {
  const range = clause.time?.range ?? 'last_1h';
  const bucket = bucketOf(clause.tokens);
  for (const metric of clause.metrics) {
    if (bucket !== null) {
      for (const agg of aggregations(clause, metric))
        builder.add(
          'series',
          'metric.series',
          {
            ...scope,
            metric,
            agg,
            range: clause.time?.range ?? (bucket === 'hour' ? 'last_24h' : 'last_7d'),
            bucket: BUCKETS[bucket],
          },
          `${agg === 'avg' ? 'average' : agg} ${metric} by ${bucket} ${of}`,
        );
      continue;
    }
    if (
      /\b(?:trend|over time|series|develop\w*|evol\w*|graph|chart|plot|history)\b|\bhow (?:did|has) .*(?:change|go|behave)/i.test(
        clause.text,
      )
    ) {
      builder.add(
        'series',
        'metric.series',
        { ...scope, metric, range: clause.time?.range ?? 'last_24h' },
        `${metric} over time ${of}`,
      );
      continue;
    }
    const { rank, above, below } = clause.figures;
    for (const agg of aggregations(clause, metric)) {
      const ranked = rank && above === null && below === null;
      const show =
        above !== null || below !== null
          ? { show: { ...(above === null ? {} : { above }), ...(below === null ? {} : { below }) } }
          : {};
      builder.add(
        'metric',
        'metric.aggregate',
        {
          ...scope,
          metric,
          agg,
          range,
          // What is asked for comes first, so that it is there of however many.
          order: rank?.order ?? (below !== null && above === null ? 'asc' : 'desc'),
          top: ranked ? (rank.count ?? RANKED) : ALL,
        },
        `${metric} ${of}${ranked ? `, ${rank.order === 'desc' ? 'highest' : 'lowest'} first` : ''}`,
        show,
      );
    }
  }
}

/** "by day", "per hour": the length of the buckets that figures are asked for in. A metric's name ("trucks per hour") asks for none. */
export function bucketOf(tokens: Clause['tokens']): keyof typeof BUCKETS | null {
  const text = tokens.map((token) => (token.meaning === null ? token.text : '.')).join(' ');
  const word = /\b(?:by|per|each|every)(?: the)? (hour|day|week)\b/i.exec(text)?.[1]?.toLowerCase();
  return word === 'hour' || word === 'day' || word === 'week' ? word : null;
}

const BUCKETS = { hour: '1h', day: '1d', week: '7d' };

/** A metric whose name says a percentile may be meant averaged or as that percentile of its samples: both are told. */
function aggregations(clause: Clause, metric: string): string[] {
  const { figures, items, time } = clause;
  const { agg, rank, above, below } = figures;
  if (agg !== null && metric.toLowerCase().split(/[_.-]/).includes(agg)) return ['avg', agg];
  // "now" may be the newest sample or the last hour.
  if (agg === 'last' && rank === null && time === null) return ['last', 'avg'];
  if (agg === 'last' && rank !== null) return ['avg'];
  if (agg !== null) return [agg];
  // "the highest cpu of db-01", "of any host" asks for a peak, "the host with the highest cpu" for a ranking.
  if (rank && (items.length === 1 || (rank.count === null && asksExtreme(clause))))
    return [rank.order === 'desc' ? 'max' : 'min'];
  // "had cpu above 90 last week" is true of a single sample; "has" speaks of now.
  if (above !== null || below !== null) return [time === null ? 'last' : above !== null ? 'max' : 'min'];
  return ['avg'];
}

/** "the lowest memory of any database": a single figure, not which item has it. */
function asksExtreme({ tokens, text }: Clause): boolean {
  return (
    !/^(?:which|who)\b/i.test(text) &&
    tokens.some(({ meaning }, at) => {
      const [before, after] = [tokens[at - 1]?.text ?? '', tokens[at + 1]?.text ?? ''];
      return (
        meaning?.kind === 'metric' &&
        (HIGHEST.test(before) || LOWEST.test(before)) &&
        /^(?:of|on|for|across|among)$/.test(after)
      );
    })
  );
}
