import { isOneOfType, says } from '../clause.ts';
import { describeFilters } from '../filters.ts';
import type { Kind } from '../meaning.ts';
import { type Goal, TOLD } from './goal.ts';
import { asksOne, ITEMS, itemsOf } from './scope.ts';

const LISTED = 100;
const FILTERS: Kind[] = ['type', 'value', 'attribute', 'except'];

/** "… and who owns them?": what the clause before found is told with its owner and the like; of a ranking "it" is the first; what was counted is counted by them. */
export const furtherGoal: Goal = (clause, { before, add }) => {
  const { refers, items, types } = clause;
  const step = before?.steps.at(-1);
  const [field, ...fields] = says(clause, 'owns') ? ['owner'] : clause.fields;
  if (!before || !step || refers === null || items.length + types.length + fields.length > 0 || !field)
    return null;
  const isTold = before.steps.some(({ tool }) =>
    /^(?:ci\.search|ci\.list_preview|graph\.expand)$/.test(tool),
  );
  if (refers === 'one' && step.tool === 'metric.aggregate' && asksOne(before.clause)) {
    const [$from, path] = [step.id, 'items[0].id'];
    add('first', 'ci.get', { id: { $from, path } }, 'about the first', { when: { $from, path: 'items[0]' } });
  } else if (refers === 'many' && step.id.startsWith('count'))
    add('count', 'ci.aggregate', { ...step.args, group_by: field }, `${step.purpose} by ${field}`);
  else if (!isTold || refers === 'one' || !TOLD.includes(field)) return null;
  return ['it', 'they', 'field', 'owns', 'who'];
};

/** "how many …", "… by owner", "which team owns the most …"; an overview counts by several. */
export const countGoal: Goal = (clause, { add }) => {
  const { filters, orders, fields, groups, types, refers } = clause;
  const isOverview = says(clause, 'overview');
  const owner = says(clause, 'who') && says(clause, 'owns') ? ['owner'] : [];
  const ranked = orders.length > 0 ? [...fields, ...owner] : [];
  const named = [...groups, ...ranked, ...(isOverview ? ['type', 'owner', 'environment'] : [])];
  if (refers || orders.length > 1 || (named.length > 1 && !isOverview)) return null;
  if (named.length === 0 && !says(clause, 'count')) return null;
  const order = orders[0] === 'asc' ? { order: 'asc' } : {};
  const by = named.length === 0 && types.length > 1 ? ['type'] : named;
  for (const group_by of by.length > 0 ? by : [undefined]) {
    const told = `the number of ${describeFilters(filters)}${group_by ? ` by ${group_by}` : ''}`;
    add('count', 'ci.aggregate', { ...filters, ...(group_by ? { group_by } : {}), ...order }, told);
  }
  const uses: Kind[] = orders.length > 0 ? ['field', 'who'] : [];
  return [...FILTERS, ...uses, 'count', 'group', 'high', 'low', 'owns', 'overview'];
};

/** All that is known of the items that a clause names. */
export const lookupGoal: Goal = (clause, builder) => {
  const { words, refers, types } = clause;
  const items = itemsOf(clause, builder);
  const places = words.flatMap(({ meaning }, at) => (meaning.kind === 'item' ? [at] : []));
  const between = words.slice(places[0] ?? words.length, places.at(-1));
  const isList = between.every(({ text, meaning }) => meaning.kind === 'item' || text === 'and');
  // "hosts in the zone of host-01" are others
  const isOne = items.length > 1 || words.every((word) => word.meaning.kind !== 'type' || isOneOfType(word));
  const isOfTypes = isOne && types.every((type) => items.every((item) => item.type === type));
  // "they" may be what a walk found.
  if (items.length === 0 || !isList || !isOfTypes || refers === 'many') return null;
  const tool = builder.choose(['ci.get_by_code', 'ci.get']);
  for (const { code } of items)
    builder.add('item', tool, tool === 'ci.get' ? { id: code } : { code }, `about ${code}`);
  // "who should I call if it fails", "how many cores does host-09 have"
  const counted: Kind[] = clause.fields.length > 0 ? ['count'] : [];
  const more: Kind[] = says(clause, 'owns') ? ['suppose', 'fails'] : counted;
  return [...ITEMS, 'value', 'attribute', 'field', 'owns', 'who', 'about', 'overview', ...more];
};

/** What is left: items of a type or with a value. */
export const listGoal: Goal = (clause, { add, choose }) => {
  const { fields, filters, refers } = clause;
  if (refers || !says(clause, ...FILTERS) || !fields.every((field) => TOLD.includes(field))) return null;
  const tool = choose(['ci.list_preview', 'ci.search']);
  const size = tool === 'ci.search' ? { limit: LISTED } : { page_size: LISTED };
  add('list', tool, { ...filters, ...size }, describeFilters(filters));
  const uses: Kind[] = says(clause, 'who', 'value', 'except') ? ['owns'] : [];
  return [...FILTERS, ...uses, 'field', 'who'];
};
