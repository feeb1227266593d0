import type { JsonObject } from '@planyard/contracts';
import { count } from '../../answer/words.ts';
import { type Clause, describeFilters, looseNumber } from '../clause.ts';
import { minutesBeside } from '../time-words.ts';
import { ANY_EVENT, EVENT_WORDS, NUMBER_WORDS } from '../vocabulary.ts';
import type { Goal } from './goal.ts';
import { itemsOf, json } from './items.ts';

const SHOWN = 50;
const DAY_MINUTES = 1440;
const LONGEST_MINUTES = 365 * DAY_MINUTES;
const BEFORE =
  /\b(?:before|prior to|preced\w+|ahead of|led (?:up )?to|leading (?:up )?to|(?:run|lead|build)-?up to|caused|cause of|lead to)\b/i;
const AFTER = /\b(?:after|following|since)\b/i;

/** "what changed before the last incident of checkout": first the incident, then the changes up to it, of the item and of what is around it. */
export const beforeEventGoal: Goal = (clause, builder) => {
  const cue = BEFORE.exec(clause.text) ?? AFTER.exec(clause.text);
  if (!cue) return false;
  const backwards = BEFORE.test(clause.text);
  // "… and what changed before them": the events that the clause before was about.
  const earlier = clause.refers === null ? undefined : builder.before?.clause.events.at(-1);
  const [mentioned] = clause.unknown_names;
  const anchor = earlier ?? (mentioned ? [] : clause.events.at(-1));
  const named = earlier || mentioned ? clause.events : clause.events.slice(0, -1);
  if (!anchor || (named.length === 0 && !asksWhat(clause))) return false;
  const item = itemsOf(clause, builder)[0];
  const filters = item ? { ci_ids: [item.code] } : json(clause.filters);
  const incident = builder.add(
    'anchor',
    'history.event_log',
    {
      ...filters,
      // What has a number of its own, such as a ticket, begins with the first event that mentions it.
      ...(mentioned ? { text: mentioned, order: 'asc' } : { event_types: anchor }),
      range: clause.time?.range ?? 'all',
      limit: 1,
    },
    `the ${mentioned ? `first event that mentions "${mentioned}"` : `last ${anchor.join(' or ')}`}${item ? ` of ${item.code}` : ''}`,
  );
  const start = item ? item.code : { $from: incident, path: 'events[0].item.id' };
  const when = { $from: incident, path: 'events[0]' };
  const near = builder.add(
    'around',
    'graph.expand',
    { ci_id: start, direction: 'both', depth: 2 },
    `what is around ${item?.code ?? 'it'}`,
    item ? {} : { when },
  );
  const side = backwards ? 'before' : 'after';
  const at = { $from: incident, path: 'events[0].at' };
  const types = named.length > 0 ? named.flat() : changeTypes(clause, builder.lexicon.catalog.event_types);
  const what = types.length > 0 ? types.join(', ') : 'events';
  const minutes = Math.min(minutesBeside(clause.text) ?? DAY_MINUTES, LONGEST_MINUTES);
  const window = minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute');
  const common = {
    ...(types.length > 0 ? { event_types: types } : {}),
    [side]: at,
    window_minutes: minutes,
    limit: SHOWN,
  };
  builder.add(
    'own',
    'history.event_log',
    { ci_ids: [start], ...common },
    `${what} of ${item?.code ?? 'the same item'} in the ${window} ${backwards ? 'up to' : 'from'} it`,
    { when },
  );
  builder.add(
    'near',
    'history.event_log',
    { ci_ids: { $from: near, path: 'nodes[].id' }, ...common },
    `${what} around ${item?.code ?? 'it'} in the ${window} ${backwards ? 'up to' : 'from'} it`,
    { when },
  );
  return true;
};

/** "who deployed storefront 9.5.0", "what did mira deploy": what nothing is known by may stand in the texts of events. */
export const mentionGoal: Goal = (clause, builder) => {
  const { tokens, items, unknown_names, unknown_words, metrics } = clause;
  const doers = unknown_words.filter((word) =>
    tokens.some(({ text }, at) => text === word.toLowerCase() && DOES.test(tokens[at - 1]?.text ?? '')),
  );
  const texts = [...unknown_names, ...doers];
  if (texts.length === 0 || unknown_words.length > doers.length || metrics.length > 0) return false;
  if (BEFORE.test(clause.text) || AFTER.test(clause.text) || !(asksEvents(clause) || doers.length > 0))
    return false;
  const named = texts.map((text) => `"${text}"`).join(' and ');
  builder.add(
    'events',
    'history.event_log',
    {
      ...(items.length > 0 ? { ci_ids: items.map((item) => item.code) } : json(clause.filters)),
      ...eventArgs(clause),
      text: texts.join(' '),
      limit: 1000,
    },
    `${clause.events.flat().join(' or ')} events${items.length > 0 ? ` of ${items.map((item) => item.code).join(', ')}` : ''} that mention ${named}`.trim(),
    { show: { texts } },
  );
  return true;
};

/** Words that who did something follows. */
const DOES = /^(?:did|has|by|mentions?|mentioning)$/;

/** Events of items, of a kind, in a time. */
export const eventsGoal: Goal = (clause, builder) => {
  if (!asksEvents(clause)) return false;
  if (clause.fields.length > 0) return false;
  // What lies between two events takes the times of both.
  if (clause.events.length > 1 && /\bbetween\b/i.test(clause.timeless)) return false;
  const items = itemsOf(clause, builder);
  if (clause.refers !== null && items.length === 0) return false;
  const scope: JsonObject =
    items.length > 0 ? { ci_ids: items.map((item) => item.code) } : json(clause.filters);
  const of =
    items.length > 0
      ? items.map((item) => item.code).join(', ')
      : describeFilters(clause, builder.lexicon.catalog);
  const kind = clause.events.length > 0 ? [...new Set(clause.events.flat())].join(' or ') : 'events';
  const severity = severities(clause)?.join(' or ');
  const what = severity ? `${severity} ${kind}` : kind;
  const args = eventArgs(clause);
  const loose = looseNumber(clause);
  // "repairs of more than 10 hours": how long is told nowhere.
  if (clause.figures.above !== null || clause.figures.below !== null) return false;
  if (loose !== null && Number(loose) !== args.limit) return false;
  // Of a single event, such as the last one, there is nothing to count.
  const ranks =
    args.limit !== 1 && (clause.figures.rank !== null || /\b(?:per|by|each)\b/i.test(clause.text));
  // The last one of each is no count of them.
  if (
    /\b(?:last|latest|newest|first|oldest)\b/i.test(clause.timeless) &&
    /\b(?:each|every|per)\b/i.test(clause.text)
  )
    return false;
  // Events are counted by item, not by who made them.
  if (ranks && /\bwho\b/i.test(clause.text)) return false;
  builder.add(
    'events',
    'history.event_log',
    { ...scope, ...args, ...(ranks ? { limit: 1000 } : {}) },
    `${what} of ${of}`,
    ranks ? { show: { count_items: true } } : {},
  );
  return true;
};

/** Whether a clause speaks of events, of some kind or any. */
export function asksEvents(clause: Clause): boolean {
  const any = clause.tokens.some((token) => token.meaning === null && ANY_EVENT.has(token.text));
  return any || clause.events.length > 0 || severities(clause) !== null;
}

/** Kind, time and number of events that a clause asks for. */
export function eventArgs(clause: Clause): JsonObject {
  const types = [...new Set(clause.events.flat())];
  // "all alarms, newest first" asks for an order, not for one.
  const ordered = /\b(newest|latest|oldest|earliest) first\b/i.exec(clause.timeless)?.[1];
  const last = /\b(?:last|latest|most recent|newest|previous)\b(?! first)(?:\s+(\d+|[a-z]+))?/i.exec(
    clause.timeless,
  );
  const first = ordered
    ? /^(?:old|earl)/i.test(ordered)
    : /\b(?:first|oldest|earliest)\b/i.test(clause.timeless);
  const count = last?.[1]
    ? (NUMBER_WORDS[last[1].toLowerCase()] ?? (/^\d+$/.test(last[1]) ? Number(last[1]) : null))
    : null;
  // "the last week" is a time; "the last incidents" are a few; "the last incident" is one.
  const one = (last || first) && !ordered && clause.time === null;
  const several = /\b(?:last|latest|recent)\s+[a-z]*s\b/i.test(clause.timeless);
  const severity = severities(clause);
  return {
    ...(types.length > 0 ? { event_types: types } : {}),
    ...(severity ? { severity } : {}),
    range: clause.time?.range ?? 'all',
    ...(first && !last ? { order: 'asc' } : {}),
    limit: count ?? (one && !several ? 1 : SHOWN),
  };
}

function severities(clause: Clause): string[] | null {
  const found = clause.tokens.flatMap(({ text, meaning }) =>
    meaning === null && /^(?:critical|warning|warnings|info|error|errors)$/.test(text)
      ? [text.replace(/s$/, '')]
      : [],
  );
  // "all info on checkout" asks for no severity.
  if (clause.events.length === 0 && !clause.tokens.some(({ text }) => ANY_EVENT.has(text)))
    return found.some((severity) => severity !== 'info') ? found : null;
  return found.length > 0 ? found : null;
}

function asksWhat(clause: Clause): boolean {
  return /\bwhat\b|\bany\w*\b|\bwhich\b|\bwhy\b/i.test(clause.text);
}

/** What "changed" or "caused" means where no kind of event is named; all kinds for "happened". */
function changeTypes(clause: Clause, eventTypes: string[]): string[] {
  if (/\bhappen\w*|\boccur\w*|\bgoing on\b/i.test(clause.text)) return [];
  const parts = EVENT_WORDS.find(({ words }) => words.includes('change'))?.parts ?? [];
  return eventTypes.filter((type) => parts.some((part) => type.toLowerCase().includes(part)));
}
