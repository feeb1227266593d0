import { describeFilters, isList } from '../clause.ts';
import { isNumeric } from '../lexicon.ts';
import { asks } from '../roles.ts';
import { FILTERS, type Goal } from './goal.ts';
import { itemsOf } from './scope.ts';

const LISTED = 100;
/** What is told of every item that an answer names. */
const TOLD = ['owner', 'environment', 'status', 'type'];

/** "… and who owns them?": what the clause before found is told with its owner and the like; what it counted is counted by them. */
export const furtherGoal: Goal = ({ refers, fields, roles, items, types }, { before, add }) => {
  const [field] = asks({ roles }, 'owns') ? ['owner'] : fields;
  if (!before || refers === null || !field || items.length + types.length > 0) return null;
  const counted = before.steps.find(({ tool, args }) => tool === 'ci.aggregate' && !('agg' in args));
  const isTold = before.steps.some(({ tool }) =>
    /^(?:ci\.(?:search|list_preview)|graph\.expand)$/.test(tool),
  );
  const isOfItem = refers === 'one' && before.clause.items.length > 0;
  if (counted && refers === 'many')
    add('count', 'ci.aggregate', { ...counted.args, group_by: field }, `${counted.purpose} by ${field}`);
  else if (!isTold || isOfItem || !fields.every((each) => TOLD.includes(each))) return null;
  return ['it', 'field', 'owns'];
};

/** "how many …", "… by owner", "which team owns the most …", "the total size of …". */
export const countGoal: Goal = (clause, builder) => {
  const { filters, figures, fields } = clause;
  const numeric = fields.find((field) => isNumeric(field, builder.lexicon.catalog));
  const [group, more] = fields.filter((field) => field !== numeric || asks(clause, 'by_field'));
  const owner = /\bwho\b/i.test(clause.text) && asks(clause, 'owns') ? 'owner' : undefined;
  const by = group ?? owner;
  const what = describeFilters(filters);
  const counts = asks(clause, 'count', 'total');
  if (more) return null;
  if (numeric && numeric !== group && (counts || asks(clause, 'figure'))) {
    const agg = figures.agg ?? 'sum';
    if (!/^(?:sum|avg|min|max)$/.test(agg)) return null;
    const args = { agg, field: numeric, ...filters, ...(by ? { group_by: by } : {}) };
    builder.add('figures', 'ci.aggregate', args, `${agg} of ${numeric} of ${what}`);
  } else {
    const groups =
      by &&
      (figures.rank || Object.keys(filters).length === 0 || owner || asks(clause, 'by_field', 'shares'));
    if (asks(clause, 'figure') || !(counts || groups)) return null;
    const groupBy = by ?? (clause.types.length > 1 ? 'type' : undefined);
    const order = figures.rank?.order === 'asc' ? { order: 'asc' } : {};
    const args = { ...filters, ...(groupBy ? { group_by: groupBy } : {}), ...order };
    builder.add('count', 'ci.aggregate', args, `the number of ${what}${by ? ` by ${by}` : ''}`);
  }
  return [...FILTERS, 'field', 'count', 'total', 'figure', 'by_field', 'shares', 'high', 'low', 'owns'];
};

/** All that is known of the items that a clause names. */
export const lookupGoal: Goal = (clause, builder) => {
  const items = itemsOf(clause, builder);
  // "they" may be what a walk found, and items of another type are asked for in a way that no goal reads.
  if (clause.refers === 'many' && builder.before?.steps.some(({ tool }) => tool === 'graph.expand'))
    return null;
  if (clause.types.some((type) => items.every((item) => item.type !== type))) return null;
  // "how does a get to b" asks for more than both.
  if (items.length === 0 || (items.length > 1 && !isList(clause))) return null;
  if (/\bmetrics\b/i.test(clause.text)) {
    const recorded = builder.lexicon.catalog.metrics.map(({ name }) => name).join(', ');
    builder.note(`Metrics recorded in this inventory: ${recorded || 'none'}.`);
  }
  const tool = builder.choose(['ci.get_by_code', 'ci.get']);
  for (const { code } of items)
    builder.add('item', tool, tool === 'ci.get' ? { id: code } : { code }, `about ${code}`);
  // "who is to be called if it fails"
  const supposed = asks(clause, 'owns') ? (['impact', 'state'] as const) : [];
  return ['item', 'it', 'type', 'value', 'attribute', 'field', 'owns', 'now', 'overview', ...supposed];
};

/** What is left: items of a type or with a value. */
export const listGoal: Goal = (clause, builder) => {
  if (!asks(clause, ...FILTERS)) return null;
  if (!clause.fields.every((field) => TOLD.includes(field))) return null;
  const tool = builder.choose(['ci.list_preview', 'ci.search']);
  const size = tool === 'ci.search' ? { limit: LISTED } : { page_size: LISTED };
  builder.add('list', tool, { ...clause.filters, ...size }, describeFilters(clause.filters));
  return [...FILTERS, 'field', 'owns', 'by_type'];
};

/** "give me an overview": how many of each type, owner and environment. */
export const overviewGoal: Goal = (clause, { add }) => {
  if (!asks(clause, 'overview') && !/\bwhat do you (?:know|have)\b/i.test(clause.text)) return null;
  for (const field of ['type', 'owner', 'environment'])
    add('count', 'ci.aggregate', { group_by: field }, `the number of items by ${field}`);
  return ['overview', 'type'];
};
