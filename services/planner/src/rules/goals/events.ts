import { count } from '../../answer/words.ts';
import type { Clause } from '../clause.ts';
import { asks } from '../roles.ts';
import { minutesBeside } from '../time-words.ts';
import { SYNONYMS } from '../vocabulary.ts';
import { EVENTS, type Goal } from './goal.ts';
import { itemsOf, scopesOf } from './scope.ts';

const SHOWN = 50;
const COUNTED = 1000;
const DAY_MINUTES = 1440;
const LONGEST_MINUTES = 365 * DAY_MINUTES;

/** "what changed before the last incident of checkout": first the incident, then the changes up to it, of the item and of what is around it. */
export const besideEventGoal: Goal = (clause, builder) => {
  const side = asks(clause, 'before') ? 'before' : 'after';
  if (!asks(clause, side)) return null;
  // "… and what changed before them": the events that the clause before was about.
  const earlier = clause.refers === null ? undefined : builder.before?.clause.events.at(-1);
  const [mentioned] = clause.unknown_names;
  const anchor = earlier ?? (mentioned ? [] : clause.events.at(-1));
  const named = earlier || mentioned ? clause.events : clause.events.slice(0, -1);
  if (!anchor || (named.length === 0 && !/\b(?:what|any\w*|which|why)\b/i.test(clause.text))) return null;
  const item = itemsOf(clause, builder)[0]?.code;
  const incident = builder.add(
    'anchor',
    'history.event_log',
    {
      ...(item ? { ci_ids: [item] } : clause.filters),
      // What has a number of its own, such as a ticket, begins with the first event that mentions it.
      ...(mentioned ? { text: mentioned, order: 'asc' } : { event_types: anchor }),
      range: clause.time?.range ?? 'all',
      limit: 1,
    },
    `the ${mentioned ? `first event that mentions "${mentioned}"` : `last ${anchor.join(' or ')}`}${item ? ` of ${item}` : ''}`,
  );
  const start = item ?? { $from: incident, path: 'events[0].item.id' };
  const when = { when: { $from: incident, path: 'events[0]' } };
  const walk = { ci_id: start, direction: 'both', depth: 2 };
  const near = builder.add(
    'around',
    'graph.expand',
    walk,
    `what is around ${item ?? 'it'}`,
    item ? {} : when,
  );
  // What "changed" or "caused" means where no kind of event is named; all kinds for "happened" and "broke".
  const changes = builder.lexicon.catalog.event_types.filter((type) =>
    SYNONYMS.event[0]?.parts.some((part) => type.toLowerCase().includes(part)),
  );
  const isAny = named.length > 0 || asks(clause, 'happened', 'impact', 'state');
  const types = isAny ? named.flat() : changes;
  const told = minutesBeside(clause.text) ?? (/\bsince\b/i.test(clause.text) ? LONGEST_MINUTES : DAY_MINUTES);
  const minutes = Math.min(told, LONGEST_MINUTES);
  const length = minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute');
  const span = `in the ${minutes === LONGEST_MINUTES ? 'time' : length} ${side === 'before' ? 'up to' : 'from'} it`;
  const what = types.join(', ') || 'events';
  const add = (base: string, ci_ids: unknown, of: string) => {
    const from = { [side]: { $from: incident, path: 'events[0].at' } };
    const kind = types.length > 0 ? { event_types: types } : {};
    const args = { ci_ids, ...kind, ...from, window_minutes: minutes, limit: SHOWN };
    builder.add(base, 'history.event_log', args, `${what} ${of} ${span}`, when);
  };
  add('own', [start], `of ${item ?? 'the same item'}`);
  add('near', { $from: near, path: 'nodes[].id' }, `around ${item ?? 'it'}`);
  const items = ['item', 'it', 'type', 'value', 'attribute'] as const;
  return [...items, 'before', 'after', 'impact', 'state', 'span', 'why', 'trend', ...EVENTS];
};

/** Events of items, of a kind, in a time. */
export const eventsGoal: Goal = (clause, builder) => {
  const scopes = scopesOf(clause, builder);
  if (!scopes[0] || !asks(clause, 'event', 'happened', 'severity')) return null;
  const { last, rank } = clause.figures;
  // Events are counted by item, not by who made them; the last one of each is no count of them.
  const ranks = (rank !== null && last?.count !== 1) || asks(clause, 'by_type');
  if (ranks && (/\bwho\b/i.test(clause.text) || last)) return null;
  const { args, kind } = eventsAsked(clause);
  const counted = ranks ? { limit: COUNTED } : {};
  const show = ranks ? { show: { count_items: true } } : {};
  for (const scope of scopes)
    builder.add(
      'events',
      'history.event_log',
      { ...scope.args, ...args, ...counted },
      `${kind || 'events'} of ${scope.of}`,
      show,
    );
  return [...scopes[0].uses, 'high', 'low', 'by_type', 'impact', ...EVENTS];
};

/** Kind, time and number of events that a clause asks for, and the kind in words: "critical alert", "deployment or incident". */
export function eventsAsked({ figures: { last }, events, tokens, roles, time }: Clause) {
  const types = [...new Set(events.flat())];
  const severity = tokens.flatMap(({ text }, at) =>
    roles[at]?.includes('severity') ? [text.replace(/s$/, '')] : [],
  );
  const args = {
    ...(types.length > 0 ? { event_types: types } : {}),
    ...(severity.length > 0 ? { severity } : {}),
    range: time?.range ?? 'all',
    ...(last?.order === 'asc' ? { order: 'asc' } : {}),
    limit: last?.count ?? SHOWN,
  };
  return { args, kind: [...severity, types.join(' or ')].join(' ').trim() };
}
