import { count } from '../../answer/words.ts';
import { relationOf } from '../relation-of.ts';
import { asks } from '../roles.ts';
import { minutesBeside } from '../time-words.ts';
import { CHANGES } from '../vocabulary.ts';
import { EVENTS, type Goal } from './goal.ts';
import { itemsOf, scopesOf, toldOf } from './scope.ts';
import { mentioned } from './unknown.ts';

const SHOWN = 50;
/** Of what is counted or looked through. */
const MOST = 1000;
const DAY_MINUTES = 1440;
const LONGEST_MINUTES = 365 * DAY_MINUTES;

/** "what changed before the last incident of checkout": first the incident, then the changes up to it, of the item and of what is around it. */
export const besideEventGoal: Goal = (clause, builder) => {
  const side = asks(clause, 'before') ? 'before' : 'after';
  // "… and what changed before them": the events that the clause before was about.
  const earlier = clause.refers === null ? undefined : builder.before?.clause.events.at(-1);
  const anchor = earlier ?? clause.events.at(-1);
  const named = earlier ? clause.events : clause.events.slice(0, -1);
  const isAsked = named.length > 0 || /\b(?:what|any\w*|which|why)\b/i.test(clause.text);
  if (!anchor || !isAsked || !asks(clause, side)) return null;
  const item = itemsOf(clause, builder)[0]?.code;
  const scope = item ? { ci_ids: [item] } : clause.filters;
  const last = { ...scope, event_types: anchor, range: clause.time?.range ?? 'all', limit: 1 };
  const what = `the last ${anchor.join(' or ')}${item ? ` of ${item}` : ''}`;
  const $from = builder.add('anchor', 'history.event_log', last, what);
  const when = { when: { $from, path: 'events[0]' } };
  const ci_id = item ?? { $from, path: 'events[0].item.id' };
  // "on checkout and on the things it depends on": no more than these.
  const { tokens } = clause;
  const itemAt = tokens.findLastIndex(({ text, meaning }) => meaning?.kind === 'item' || text === 'it');
  const isRelated = item !== undefined && clause.types.length === 0 && asks(clause, 'relation');
  const asked = isRelated ? relationOf(tokens, itemAt, builder.lexicon.catalog.relation_types) : null;
  const { direction = 'both', depth = 2, relations } = asked ?? {};
  const walk = { ci_id, direction, depth, ...(relations ? { relation_types: relations } : {}) };
  const of = asked ? `of what ${toldOf(asked, `${item}`)}` : `around ${item ?? 'it'}`;
  const around = builder.add(
    'around',
    'graph.expand',
    walk,
    `${asked ? of.slice(3) : `what is ${of}`}`,
    item ? {} : when,
  );
  // What "changed" or "caused" means where no kind of event is named; all kinds for "happened" and "broke".
  const isAny = named.length > 0 || asks(clause, 'happened', 'impact', 'state');
  const types = isAny
    ? named.flat()
    : builder.lexicon.catalog.event_types.filter((type) => CHANGES.some((part) => type.includes(part)));
  const isSince = /\bsince\b/i.test(clause.text);
  const told = minutesBeside(clause.text) ?? (isSince ? LONGEST_MINUTES : DAY_MINUTES);
  const window_minutes = Math.min(told, LONGEST_MINUTES);
  const length = told % 60 === 0 ? count(told / 60, 'hour') : count(told, 'minute');
  const span = `in the ${told < LONGEST_MINUTES ? length : 'time'} ${side === 'before' ? 'up to' : 'from'} it`;
  const kind = types.length > 0 ? { event_types: types } : {};
  const beside = { ...kind, [side]: { $from, path: 'events[0].at' }, window_minutes, limit: SHOWN };
  for (const [base, ci_ids, where] of [
    ['own', [ci_id], `of ${item ?? 'the same item'}`],
    ['near', { $from: around, path: 'nodes[].id' }, of],
  ] as const) {
    const purpose = `${types.join(', ') || 'events'} ${where} ${span}`;
    builder.add(base, 'history.event_log', { ci_ids, ...beside }, purpose, when);
  }
  const items = ['item', 'it', 'type', 'value', 'attribute'] as const;
  return [
    ...items,
    ...(asked ? (['relation'] as const) : []),
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

/** Events of items, of a kind, in a time, that mention what nothing else is known by. */
export const eventsGoal: Goal = (clause, builder) => {
  const scopes = scopesOf(clause, builder);
  const texts = mentioned(clause);
  if (!scopes[0] || !(texts.length > 0 || asks(clause, 'event', 'happened', 'severity'))) return null;
  const { last, rank } = clause.figures;
  // Events are counted by item, not by who made them; the last one of each is no count of them.
  const ranks = (rank !== null && last?.count !== 1) || asks(clause, 'by_type');
  // "the first and the last incident" are two questions.
  if (asks(clause, 'first') && asks(clause, 'last') && /\band\b/i.test(clause.text)) return null;
  if (ranks && (/\bwho\b/i.test(clause.text) || last)) return null;
  const types = [...new Set(clause.events.flat())];
  const severe = clause.tokens.filter(({ roles }) => roles.includes('severity'));
  const severity = severe.map(({ text }) => text.replace(/s$/, ''));
  const that = texts.map((text) => `"${text}"`).join(' and ');
  const kind = [...severity, types.join(' or '), that || types.length === 0 ? 'events' : ''];
  const purpose = [...kind, that && `that mention ${that}`].filter(Boolean).join(' ');
  const asked = {
    ...(types.length > 0 ? { event_types: types } : {}),
    ...(severity.length > 0 ? { severity } : {}),
    ...(that ? { text: texts.join(' ') } : {}),
    range: clause.time?.range ?? 'all',
    ...(last?.order === 'asc' ? { order: 'asc' } : {}),
    limit: ranks || that ? MOST : (last?.count ?? SHOWN),
  };
  const show = { ...(ranks ? { count_items: true } : {}), ...(that ? { texts } : {}) };
  for (const { args, of } of scopes)
    builder.add('events', 'history.event_log', { ...args, ...asked }, `${purpose} of ${of}`, { show });
  return [...scopes[0].uses, 'high', 'low', 'by_type', 'impact', ...EVENTS];
};
