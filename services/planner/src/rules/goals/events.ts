import { count } from '../../answer/words.ts';
import { says } from '../clause.ts';
import { describeFilters } from '../filters.ts';
import type { Kind } from '../meaning.ts';
import { minutesBeside } from '../time-words.ts';
import { EVENTS } from '../vocabulary.ts';
import { withParts } from '../words.ts';
import { counted } from './figures.ts';
import type { Goal } from './goal.ts';
import { itemsOf, scopesOf } from './scope.ts';

const SHOWN = 50;
const DAY_MINUTES = 1440;
const YEAR_MINUTES = 365 * DAY_MINUTES;
const FILTERS: Kind[] = ['value', 'attribute', 'except'];

/** "what changed before the last incident of checkout": first the incident, then the changes up to it, of the item and of what is around it. */
export const besideEventGoal: Goal = (clause, { before, lexicon, add }) => {
  const { words, events, text, refers, time } = clause;
  const [side, other] = (['before', 'after'] as const).filter((kind) => says(clause, kind));
  // "… and what changed before it": the event that the clause before was about.
  const earlier = refers === null ? undefined : before?.clause.events.at(-1);
  const anchor = earlier ?? events.at(-1);
  const named = earlier ? events : events.slice(0, -1);
  // Of "which hosts had alerts before the incident" only the incident's items would be told, "since the incident, what was deployed" the other way round.
  const sideAt = words.findIndex(({ meaning }) => meaning.kind === side);
  const asked = words.slice(0, sideAt).map(({ meaning }) => meaning);
  const isNarrow = asked.some((each) => (each.kind === 'type' ? each.type : FILTERS.includes(each.kind)));
  const isTurned = asked.filter(({ kind }) => kind === 'event').length < named.length;
  if (!side || other || !anchor || isNarrow || isTurned || clause.items.length > 1 || clause.count !== null)
    return null;
  const item = itemsOf(clause, { before })[0]?.code;
  const { filters } = earlier && before ? before.clause : clause;
  const scope = item ? { ci_ids: [item] } : filters;
  const last = { ...scope, event_types: anchor, range: time ?? 'all', limit: 1 };
  const told = `the last ${anchor.join(' or ')} of ${item ?? describeFilters(filters)}`;
  const $from = add('anchor', 'history.event_log', last, told);
  const when = { when: { $from, path: 'events[0]' } };
  const ci_id = item ?? { $from, path: 'events[0].item.id' };
  const near = `what is around ${item ?? 'it'}`;
  const walk = { ci_id, direction: 'both', depth: 2 };
  const around = add('around', 'graph.expand', walk, near, item ? {} : when);
  // What "changed" means where no kind of event is named; all kinds for "happened" and "broke".
  const isAny = named.length > 0 || says(clause, 'happened', 'affected', 'fails');
  const changes = withParts(lexicon.catalog.event_types, EVENTS[0]?.[1] ?? []).sort();
  const event_types = isAny ? named.flat() : changes;
  const minutes = minutesBeside(text) ?? (/\bsince\b/i.test(text) ? YEAR_MINUTES : DAY_MINUTES);
  const window_minutes = Math.min(minutes, YEAR_MINUTES);
  const beside = {
    [side]: { $from, path: 'events[0].at' },
    except_events: { $from, path: 'events[0].id' },
    window_minutes,
    limit: SHOWN,
  };
  const kind = event_types.length > 0 ? { event_types } : {};
  const length = minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute');
  const window = `in the ${minutes < YEAR_MINUTES ? length : 'time'} ${side === 'before' ? 'up to' : 'from'} it`;
  for (const [base, ci_ids, of] of [
    ['own', [ci_id], item ?? 'the same item'],
    ['near', { $from: around, path: 'nodes[].id' }, near],
  ] as const) {
    const purpose = `${event_types.join(', ') || 'events'} of ${of} ${window}`;
    add(base, 'history.event_log', { ci_ids, ...kind, ...beside }, purpose, when);
  }
  // "did anything change …"
  const any: Kind[] = clause.types.length === 0 ? ['type'] : [];
  const uses: Kind[] = item ? ['item', 'it', ...any] : ['type', ...FILTERS, 'it', 'they'];
  return [...uses, side, 'affected', 'fails', 'span', 'event', 'happened', 'last', 'when', 'time', 'count'];
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
  const uses: Kind[] = [...scopes[0].uses, ...counted(clause)];
  return [...uses, 'event', 'happened', 'last', 'first', 'often', 'who', 'when', 'time'];
};
