import type { JsonObject } from '@planyard/contracts';
import { type Clause, describeFilters, looseNumber } from '../clause.ts';
import { isNumeric, type NamedItem } from '../lexicon.ts';
import { hasRelationVerb } from '../relation-of.ts';
import { similarNames } from '../scan.ts';
import type { Builder } from './goal.ts';

const LISTED = 100;
/** Unknown names of a question that are searched for. */
const SEARCHED = 5;
const MENTIONED = 1000;

/** A name that nothing has: says so with the nearest ones, after a search has looked for it. */
export function unknownNameGoal(names: string[], builder: Builder): null {
  for (const name of names.slice(0, SEARCHED)) {
    const near = similarNames(name, builder.lexicon);
    builder.add('search', 'ci.search', { query: name, limit: 5 }, `what a search for "${name}" finds`);
    addMentions(name, [name], builder);
    builder.note(
      `Nothing named "${name}" is known here.${near.length > 0 ? ` The nearest names: ${near.join(', ')}.` : ''}`,
    );
  }
  return null;
}

function addMentions(text: string, texts: string[], { add }: Builder): void {
  add(
    'mentions',
    'history.event_log',
    { text, range: 'all', limit: MENTIONED },
    `events that mention "${text}"`,
    { show: { texts } },
  );
}

/** "search for …", "anything about …": the words that nothing is named by are keywords. */
export function searchGoal(clause: Clause, builder: Builder): boolean {
  const asked =
    /\b(?:search(?:ing)?|find|look(?:ing)? for|mention(?:s|ed|ing)?|anything (?:about|on|like|related to|to do with)|called|contain\w*|keyword)\b/i.test(
      clause.text,
    );
  const keywords = clause.unknown_words.filter((word) => !/^mention/.test(word));
  if (!asked || keywords.length === 0) return false;
  const query = keywords.join(' ');
  builder.add(
    'search',
    'ci.search',
    { query, ...json(clause.filters), limit: LISTED },
    `items that match "${query}"`,
  );
  if (Object.keys(clause.filters).length === 0) addMentions(query, keywords, builder);
  return true;
}

/** "… and who owns them?": the clause before already tells owner, environment, status and type of what it finds. */
export function isCovered(clause: Clause, { before }: Builder): boolean {
  if (
    clause.refers === null ||
    clause.items.length + clause.types.length + clause.metrics.length + clause.events.length > 0
  )
    return false;
  const shown =
    before?.steps.some(({ tool }) => /^(?:ci\.(?:search|list_preview)|graph\.expand)$/.test(tool)) ?? false;
  const aboutItem = clause.refers === 'one' && (before?.clause.items.length ?? 0) > 0;
  const fields = ['owner', 'environment', 'status', 'type'];
  const asks = /\bown(?:s|ed|er|ers)?\b/i.test(clause.text) || clause.fields.length > 0;
  return shown && !aboutItem && asks && clause.fields.every((field) => fields.includes(field));
}

/** "how many hosts are there and who owns them": the same count again, by owner. */
export function countedGoal({ refers, text, has_type, fields }: Clause, { before, add }: Builder): boolean {
  const counted = before?.steps.find(({ tool, args }) => tool === 'ci.aggregate' && !('agg' in args));
  const field = /\bown(?:s|ed|er|ers)?\b/i.test(text) ? 'owner' : fields[0];
  if (refers !== 'many' || has_type || !counted || !field) return false;
  add('count', 'ci.aggregate', { ...counted.args, group_by: field }, `${counted.purpose} by ${field}`);
  return true;
}

/** "give me an overview": how many of each type, owner and environment. */
export function overviewGoal(clause: Clause, { add }: Builder): boolean {
  if (!/\b(?:overview|summar\w+|inventory|catalog(?:ue)?|what do you (?:know|have))\b/i.test(clause.text))
    return false;
  for (const field of ['type', 'owner', 'environment'])
    add('count', 'ci.aggregate', { group_by: field }, `the number of items by ${field}`);
  return true;
}

export function lookupGoal(clause: Clause, builder: Builder): boolean {
  const items = itemsOf(clause, builder);
  if (items.length === 0) return false;
  // What a figure, an event, a number or "they" asks for is not told by the item alone.
  if (clause.metrics.length + clause.events.length > 0 || looseNumber(clause) !== null) return false;
  if (/\bworking\b/i.test(clause.text) || (COUNTS.test(clause.text) && clause.fields.length === 0))
    return false;
  if (clause.refers === 'many' && builder.before?.steps.some(({ tool }) => tool === 'graph.expand'))
    return false;
  // Items of another type are asked for, in a way that no other goal reads.
  if (clause.types.some((type) => items.every((item) => item.type !== type))) return false;
  // "how does a get to b" asks for more than both.
  if (items.length > 1 && !isList(clause)) return false;
  // A relation with a filter that no tool applies would lose the filter here.
  const { type: _type, ...values } = clause.filters;
  if (Object.keys(values).length > 0 && hasRelationVerb(clause.tokens)) return false;
  if (/\bmetrics\b/i.test(clause.text)) {
    const recorded = builder.lexicon.catalog.metrics.map(({ name }) => name);
    builder.note(`Metrics recorded in this inventory: ${recorded.join(', ') || 'none'}.`);
  }
  for (const item of items) {
    const tool = builder.choose(['ci.get_by_code', 'ci.get']);
    const args: JsonObject = tool === 'ci.get' ? { id: item.code } : { code: item.code };
    builder.add('item', tool, args, `about ${item.code}`);
  }
  return true;
}

/** "a, b and c": nothing but words that join stands between the items. */
function isList({ tokens }: Clause): boolean {
  const at = tokens.flatMap(({ meaning }, place) => (meaning?.kind === 'item' ? [place] : []));
  const between = tokens.slice(at[0], at.at(-1)).filter(({ meaning }) => meaning?.kind !== 'item');
  return (
    between.every(({ text }) => /^(?:and|or|the|plus|with|vs|versus)$/.test(text)) && !hasRelationVerb(tokens)
  );
}

/** "how many …", "… by owner", "which team owns the most …". */
export function countGoal(clause: Clause, builder: Builder): boolean {
  if (clause.items.length > 0 || clause.refers !== null || clause.events.length > 0) return false;
  // "services that use databases": which ones would need every item's relations.
  if (hasRelationVerb(clause.tokens) || isConditional(clause)) return false;
  if (isGroupedByMore(clause, /^(?:by|per|each|every)$/)) return false;
  const counts = COUNTS.test(clause.text);
  const shares = /\b(?:by|per|each|every|across|distribution|broken down|breakdown|grouped)\b/i.test(
    clause.text,
  );
  const owns = /\bwho (?:owns|has|maintains|manages|runs)\b/i.test(clause.text);
  const group = groupOf(clause, owns);
  const adds = /\b(?:total|sum|average|avg|mean|min(?:imum)?|max(?:imum)?)\b/i
    .exec(clause.text)?.[0]
    ?.toLowerCase();
  const numeric = clause.fields.find((field) => isNumeric(field, builder.lexicon.catalog));
  const by = /\bby\b/i.test(clause.text);
  if (numeric && !by && (adds || counts)) {
    if (looseNumber(clause) !== null) return false;
    const agg =
      !adds || /^(?:total|sum)$/.test(adds)
        ? 'sum'
        : /^(?:average|avg|mean)$/.test(adds)
          ? 'avg'
          : adds.slice(0, 3);
    const args = {
      agg,
      field: numeric,
      ...json(clause.filters),
      ...(group && group !== numeric ? { group_by: group } : {}),
    };
    builder.add(
      'figures',
      'ci.aggregate',
      args,
      `${agg} of ${numeric} of ${describeFilters(clause, builder.lexicon.catalog)}`,
    );
    return true;
  }
  const listsGroups = group !== null && Object.keys(clause.filters).length === 0;
  if (looseNumber(clause) !== null) return false;
  // A group that nothing is known by: "for each flavour".
  if (group === null && /\b(?:by|per|each|every)\b/i.test(clause.text)) return false;
  if (!counts && !(group && (shares || clause.figures.rank || listsGroups))) return false;
  const what = describeFilters(clause, builder.lexicon.catalog);
  const args = {
    ...json(clause.filters),
    ...(group ? { group_by: group } : clause.types.length > 1 ? { group_by: 'type' } : {}),
    ...(clause.figures.rank?.order === 'asc' ? { order: 'asc' } : {}),
  };
  builder.add('count', 'ci.aggregate', args, `the number of ${what}${group ? ` by ${group}` : ''}`);
  return true;
}

const COUNTS = /\b(?:how many|number of|count|total)\b/i;

/** What nothing here tells of an item: a list of all would look like the answer. */
const CONDITION =
  /\b(?:down|broke|broken|unavailable|offline|gone|dead|critical|worst|best|ok|okay|working|oldest|newest|latest|earliest|first|last)\b/i;

function isConditional(clause: Clause): boolean {
  return (
    CONDITION.test(clause.timeless) ||
    isGroupedByMore(clause, /^(?:by|per)$/) ||
    clause.tokens.some(({ meaning }) => meaning?.kind === 'adjective')
  );
}

/** What is left: items of a type or with a value. */
export function listGoal(clause: Clause, builder: Builder): boolean {
  if (clause.items.length > 0) return false;
  if (!clause.has_type && Object.keys(clause.filters).length === 0) return false;
  // A number, a rank or a limit that no rule has taken would be left out of the answer.
  if (looseNumber(clause) !== null || hasRelationVerb(clause.tokens) || isConditional(clause)) return false;
  if (clause.figures.rank || clause.figures.above !== null || clause.figures.below !== null) return false;
  // What is counted and could not be is no list.
  if (COUNTS.test(clause.text)) return false;
  const tool = builder.choose(['ci.list_preview', 'ci.search']);
  const size: JsonObject = tool === 'ci.search' ? { limit: LISTED } : { page_size: LISTED };
  builder.add(
    'list',
    tool,
    { ...json(clause.filters), ...size },
    describeFilters(clause, builder.lexicon.catalog),
  );
  return true;
}

/** The items a clause names, or those of the clause before for "it" and "they". */
export function itemsOf(clause: Clause, { before }: Builder): NamedItem[] {
  if (clause.items.length > 0 || clause.refers === null) return clause.items;
  return before?.clause.items ?? [];
}

export function json(value: object): JsonObject {
  return value as JsonObject;
}

/** "by vendor and ward", "per ward": items are counted by one field, not by what they are related to. */
function isGroupedByMore({ tokens }: Clause, words: RegExp): boolean {
  const by = tokens.findIndex(({ text }) => words.test(text));
  const groups = tokens.slice(by + 1);
  const end = groups.findIndex(
    ({ text, meaning }) => meaning === null && !/^(?:and|the|each|every)$/.test(text),
  );
  const named = groups.slice(0, end < 0 ? undefined : end).filter(({ meaning }) => meaning !== null);
  return by >= 0 && (named.length > 1 || named[0]?.meaning?.kind === 'type');
}

function groupOf(clause: Clause, owns: boolean): string | null {
  const ranked = clause.figures.rank !== null;
  if (clause.fields.length > 0) return clause.fields[0] ?? null;
  return owns && (ranked || clause.has_type) ? 'owner' : null;
}
