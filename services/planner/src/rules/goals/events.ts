import { count } from '../../answer/words.ts';
import { says } from '../clause.ts';
import type { Kind } from '../meaning.ts';
import { minutesBeside } from '../time-words.ts';
import { EVENTS } from '../vocabulary.ts';
import { withParts } from '../words.ts';
import type { Goal } from './goal.ts';
import { itemsOf, scopesOf } from './scope.ts';

const SHOWN = 50;
const DAY_MINUTES = 1440;
const YEAR_MINUTES = 365 * DAY_MINUTES;

/** "what changed before the last incident of checkout": first the incident, then the changes up to it, of the item and of what is around it. */
export const besideEventGoal: Goal = (clause, { before, lexicon, add }) => {
  const { events, filters, text, refers, time } = clause;
  const [side, other] = (['before', 'after'] as const).filter((kind) => says(clause, kind));
  // "… and what changed before it": the event that the clause before was about.
  const earlier = refers === null ? undefined : before?.clause.events.at(-1);
  const anchor = earlier ?? events.at(-1);
  const named = earlier ? events : events.slice(0, -1);
  if (!side || other || !anchor || clause.items.length > 1 || clause.count !== null) return null;
  const item = itemsOf(clause, { before })[0]?.code;
  const scope = item ? { ci_ids: [item] } : filters;
  const last = { ...scope, event_types: anchor, range: time ?? 'all', limit: 1 };
  const $from = add(
    'anchor',
    'history.event_log',
    last,
    `the last ${anchor.join(' or ')}${item ? ` of ${item}` : ''}`,
  );
  const when = { when: { $from, path: 'events[0]' } };
  const ci_id = item ?? { $from, path: 'events[0].item.id' };
  const near = `what is around ${item ?? 'it'}`;
  const around = add(
    'around',
    'graph.expand',
    { ci_id, direction: 'both', depth: 2 },
    near,
    item ? {} : when,
  );
  // What "changed" means where no kind of event is named; all kinds for "happened" and "broke".
  const isAny = named.length > 0 || says(clause, 'happened', 'affected', 'fails');
  const changes = withParts(lexicon.catalog.event_types, EVENTS[0]?.[1] ?? []).sort();
  const event_types = isAny ? named.flat() : changes;
  const minutes = minutesBeside(text) ?? (/\bsince\b/i.test(text) ? YEAR_MINUTES : DAY_MINUTES);
  const window_minutes = Math.min(minutes, YEAR_MINUTES);
  const beside = { [side]: { $from, path: 'events[0].at' }, window_minutes, limit: SHOWN };
  const kind = event_types.length > 0 ? { event_types } : {};
  const length = minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute');
  const told = `in the ${minutes < YEAR_MINUTES ? length : 'time'} ${side === 'before' ? 'up to' : 'from'} it`;
  for (const [base, ci_ids, of] of [
    ['own', [ci_id], item ?? 'the same item'],
    ['near', { $from: around, path: 'nodes[].id' }, near],
  ] as const) {
    const purpose = `${event_types.join(', ') || 'events'} of ${of} ${told}`;
    add(base, 'history.event_log', { ci_ids, ...kind, ...beside }, purpose, when);
  }
  // "did anything change …"
  const any: Kind[] = clause.types.length === 0 ? ['type'] : [];
  const uses: Kind[] = item ? ['item', 'it', ...any] : ['type', 'value', 'attribute', 'except', 'it', 'they'];
  return [...uses, side, 'affected', 'fails', 'span', 'event', 'happened', 'last', 'when', 'time'];
};

/** Events of items, of a kind, in a time. */
export const eventsGoal: Goal = (clause, builder) => {
  const { words, events, time, count } = clause;
  const scopes = scopesOf(clause, builder);
  const newest = words.filter(({ meaning }) => meaning.kind === 'last' || meaning.kind === 'first');
  if (!scopes[0] || !says(clause, 'event', 'happened') || newest.length > 1) return null;
  // "the last deployment of a and b" are two.
  if (newest.length > 0 && clause.items.length > 1) return null;
  const types = [...new Set(events.flat())];
  // "the last incident" is one, "the last incidents" are a few, "newest first" is an order alone.
  const isMany = words.some(
    ({ text, meaning }) => /^(?:event|happened)$/.test(meaning.kind) && /s$/.test(text),
  );
  const isOne = newest[0] && !isMany && !newest[0].text.endsWith(' first');
  const asked = {
    ...(types.length > 0 ? { event_types: types } : {}),
    range: time ?? 'all',
    ...(newest[0]?.meaning.kind === 'first' ? { order: 'asc' } : {}),
    limit: count ?? (isOne ? 1 : SHOWN),
  };
  for (const { args, of } of scopes) {
    const purpose = `${types.join(' or ') || 'events'} of ${of}`;
    builder.add('events', 'history.event_log', { ...args, ...asked }, purpose);
  }
  return [...scopes[0].uses, 'event', 'happened', 'last', 'first', 'count', 'often', 'who', 'when', 'time'];
};
