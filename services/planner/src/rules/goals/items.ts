import { describeFilters } from '../clause.ts';
import type { Lexicon } from '../lexicon.ts';
import { asks } from '../roles.ts';
import { isSingular } from '../scan.ts';
import { type Builder, FILTERS, type Goal } from './goal.ts';
import { itemsOf } from './scope.ts';

const LISTED = 100;
/** What is told of every item that an answer names. */
const TOLD = ['owner', 'environment', 'status', 'type'];

/** "… and who owns them?": what the clause before found is told with its owner and the like; what it counted is counted by them. */
export const furtherGoal: Goal = (clause, { before, add, lexicon }) => {
  const { refers, items, types } = clause;
  const fields = asks(clause, 'owns') ? ['owner'] : clause.fields;
  if (!before || refers === null || items.length + types.length > 0) return null;
  const counted = before.steps.find(({ tool, args }) => tool === 'ci.aggregate' && !('agg' in args));
  const isTold = before.steps.some(({ tool }) =>
    /^(?:ci\.(?:search|list_preview)|graph\.expand)$/.test(tool),
  );
  const isOfItem = refers === 'one' && before.clause.items.length > 0;
  const [group_by] = fields;
  // "Show me all of them."
  if (!group_by) return isTold && SHOWS.test(clause.text) ? ['it'] : null;
  const $from = refers === 'one' ? rankingOfOne(before, lexicon) : null;
  if ($from) {
    const when = { when: { $from, path: 'items[0]' } };
    add('first', 'ci.get', { id: { $from, path: 'items[0].id' } }, 'about the first', when);
  } else if (counted && refers === 'many')
    add('count', 'ci.aggregate', { ...counted.args, group_by }, `${counted.purpose} by ${group_by}`);
  else if (!isTold || isOfItem || !fields.every((field) => TOLD.includes(field))) return null;
  return ['it', 'field', 'owns'];
};

const SHOWS = /^(?:please )?(?:show|list|give|print|name|display)\b.*\bthem\b/i;

/** The step that tells which item is the first: "which host is the busiest, and who owns it?" */
function rankingOfOne({ clause, steps }: NonNullable<Builder['before']>, lexicon: Lexicon): string | null {
  const { rank, other_end } = clause.figures;
  const [step, other] = steps;
  const type = clause.tokens.find(({ meaning }) => meaning?.kind === 'type');
  const isOne = rank && !other_end && rank.count === null && type && isSingular(type, lexicon);
  const isFirst = step?.args.top === 1 || (isOne && !other);
  return isFirst && step?.tool === 'metric.aggregate' ? step.id : null;
}

/** "how many …", "… by owner", "which team owns the most …". */
export const countGoal: Goal = (clause, { add }) => {
  const { filters, figures, fields, types } = clause;
  const asksOwner = /\bwho\b/i.test(clause.text) && asks(clause, 'owns');
  const by = fields[0] ?? (asksOwner ? 'owner' : undefined);
  const isAlone = figures.rank !== null || Object.keys(filters).length === 0 || asksOwner;
  const isGrouped = by && (isAlone || asks(clause, 'by_field', 'shares'));
  if (fields[1] || !(asks(clause, 'count', 'total') || isGrouped)) return null;
  const group_by = by ?? (types.length > 1 ? 'type' : undefined);
  const order = figures.rank?.order === 'asc' ? { order: 'asc' } : {};
  const args = { ...filters, ...(group_by ? { group_by } : {}), ...order };
  add('count', 'ci.aggregate', args, `the number of ${describeFilters(filters)}${by ? ` by ${by}` : ''}`);
  return [...FILTERS, 'field', 'count', 'total', 'by_field', 'shares', 'high', 'low', 'owns'];
};

/** All that is known of the items that a clause names. */
export const lookupGoal: Goal = (clause, builder) => {
  const items = itemsOf(clause, builder);
  // "they" may be what a walk found, and items of another type are asked for in a way that no goal reads.
  if (clause.refers === 'many' && builder.before?.steps.some(({ tool }) => tool === 'graph.expand'))
    return null;
  if (clause.types.some((type) => items.every((item) => item.type !== type))) return null;
  // "how does a get to b" asks for more than both.
  if (items.length === 0 || (items.length > 1 && !clause.is_list)) return null;
  if (/\bmetrics\b/i.test(clause.text)) {
    const recorded = builder.lexicon.catalog.metrics.map(({ name }) => name).join(', ');
    builder.notes.push(`Metrics recorded in this inventory: ${recorded || 'none'}.`);
  }
  const tool = builder.choose(['ci.get_by_code', 'ci.get']);
  for (const { code } of items)
    builder.add('item', tool, tool === 'ci.get' ? { id: code } : { code }, `about ${code}`);
  // "who is to be called if it fails"
  const supposed = asks(clause, 'owns') ? (['impact', 'state'] as const) : [];
  return ['item', 'it', 'type', 'value', 'attribute', 'field', 'owns', 'now', 'overview', ...supposed];
};

/** What is left: items of a type or with a value. */
export const listGoal: Goal = (clause, { add, choose }) => {
  const { fields, filters } = clause;
  if (!asks(clause, ...FILTERS) || !fields.every((field) => TOLD.includes(field))) return null;
  const tool = choose(['ci.list_preview', 'ci.search']);
  const size = tool === 'ci.search' ? { limit: LISTED } : { page_size: LISTED };
  add('list', tool, { ...filters, ...size }, describeFilters(filters));
  return [...FILTERS, 'field', 'owns', 'by_type'];
};

/** "give me an overview": how many of each type, owner and environment. */
export const overviewGoal: Goal = (clause, { add }) => {
  const wants = /\bwhat (?:do you (?:know|have)|is there)\b/i.test(clause.text);
  if (!wants && !asks(clause, 'overview')) return null;
  for (const group_by of ['type', 'owner', 'environment'])
    add('count', 'ci.aggregate', { group_by }, `the number of items by ${group_by}`);
  return ['overview', 'type'];
};
