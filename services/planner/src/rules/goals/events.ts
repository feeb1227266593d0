import { count } from '../../answer/words.ts';
import type { Clause } from '../clause.ts';
import { asks } from '../roles.ts';
import { minutesBeside } from '../time-words.ts';
import { EVENT_WORDS } from '../vocabulary.ts';
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
  const item = itemsOf(clause, builder)[0];
  const incident = builder.add(
    'anchor',
    'history.event_log',
    {
      ...(item ? { ci_ids: [item.code] } : clause.filters),
      // What has a number of its own, such as a ticket, begins with the first event that mentions it.
      ...(mentioned ? { text: mentioned, order: 'asc' } : { event_types: anchor }),
      range: clause.time?.range ?? 'all',
      limit: 1,
    },
    `the ${mentioned ? `first event that mentions "${mentioned}"` : `last ${anchor.join(' or ')}`}${item ? ` of ${item.code}` : ''}`,
  );
  const start = item ? item.code : { $from: incident, path: 'events[0].item.id' };
  const when = { $from: incident, path: 'events[0]' };
  const walk = { ci_id: start, direction: 'both', depth: 2 };
  const around = builder.add(
    'around',
    'graph.expand',
    walk,
    `what is around ${item?.code ?? 'it'}`,
    item ? {} : { when },
  );
  // What "changed" or "caused" means where no kind of event is named; all kinds for "happened" and "broke".
  const changes = builder.lexicon.catalog.event_types.filter((type) =>
    EVENT_WORDS[0]?.parts.some((part) => type.toLowerCase().includes(part)),
  );
  const isAny = asks(clause, 'happened', 'impact', 'state');
  const types = named.length > 0 || isAny ? named.flat() : changes;
  const isSince = /\bsince\b/i.test(clause.text);
  const told = minutesBeside(clause.text) ?? (isSince ? LONGEST_MINUTES : DAY_MINUTES);
  const minutes = Math.min(told, LONGEST_MINUTES);
  const hours = minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute');
  const window = minutes === LONGEST_MINUTES ? 'time' : hours;
  const common = {
    ...(types.length > 0 ? { event_types: types } : {}),
    [side]: { $from: incident, path: 'events[0].at' },
    window_minutes: minutes,
    limit: SHOWN,
  };
  const what = types.length > 0 ? types.join(', ') : 'events';
  const span = `in the ${window} ${side === 'before' ? 'up to' : 'from'} it`;
  const own = { ci_ids: [start], ...common };
  builder.add('own', 'history.event_log', own, `${what} of ${item?.code ?? 'the same item'} ${span}`, {
    when,
  });
  const near = { ci_ids: { $from: around, path: 'nodes[].id' }, ...common };
  builder.add('near', 'history.event_log', near, `${what} around ${item?.code ?? 'it'} ${span}`, { when });
  return [
    'item',
    'it',
    'type',
    'value',
    'attribute',
    'before',
    'after',
    'impact',
    'state',
    'span',
    'why',
    'trend',
    ...EVENTS,
  ];
};

/** Events of items, of a kind, in a time. */
export const eventsGoal: Goal = (clause, builder) => {
  if (!asks(clause, 'event', 'happened', 'severity')) return null;
  const scopes = scopesOf(clause, builder);
  if (!scopes[0]) return null;
  const { last, rank } = clause.figures;
  // Events are counted by item, not by who made them; the last one of each is no count of them.
  const ranks = (rank !== null && last?.count !== 1) || asks(clause, 'by_type');
  if (ranks && (/\bwho\b/i.test(clause.text) || last)) return null;
  const args = eventArgs(clause);
  for (const scope of scopes)
    builder.add(
      'events',
      'history.event_log',
      { ...scope.args, ...args, ...(ranks ? { limit: COUNTED } : {}) },
      `${kindOf(clause)} of ${scope.of}`,
      ranks ? { show: { count_items: true } } : {},
    );
  return [...scopes[0].uses, 'high', 'low', 'by_type', 'impact', ...EVENTS];
};

/** Kind, time and number of events that a clause asks for. */
export function eventArgs(clause: Clause): object {
  const { last } = clause.figures;
  const [types, severity] = [[...new Set(clause.events.flat())], severities(clause)];
  return {
    ...(types.length > 0 ? { event_types: types } : {}),
    ...(severity.length > 0 ? { severity } : {}),
    range: clause.time?.range ?? 'all',
    ...(last?.order === 'asc' ? { order: 'asc' } : {}),
    limit: last?.count ?? SHOWN,
  };
}

/** "critical alert", "deployment or incident", "events". */
function kindOf(clause: Clause): string {
  const types = [...new Set(clause.events.flat())].join(' or ') || 'events';
  return [...severities(clause), types].join(' ');
}

function severities({ tokens, roles }: Clause): string[] {
  return tokens.flatMap(({ text }, at) => (roles[at]?.includes('severity') ? [text.replace(/s$/, '')] : []));
}
