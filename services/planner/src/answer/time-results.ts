import { z } from 'zod';
import { describeBounds, isWithin } from './bounds.ts';
import { describer } from './describer.ts';
import { Named } from './item-results.ts';
import { capital, count, formatFigure, formatRange, formatTime, listed } from './words.ts';

const SHOWN = 30;

const AGGREGATION: Record<string, string> = {
  avg: 'average',
  min: 'minimum',
  max: 'maximum',
  sum: 'sum of',
  count: 'number of samples',
  last: 'newest value of',
};
const Range = { from: z.string(), to: z.string() };

export const figures = describer(
  z.object({
    metric: z.string(),
    agg: z.string(),
    unit: z.string(),
    ...Range,
    items: z.array(Named.extend({ value: z.number(), samples: z.number() })),
    overall: z.object({ value: z.number(), items: z.number() }).nullable(),
    without_samples: z.array(z.string()),
  }),
  (result, { purpose, show }) => {
    const bounds = describeBounds(show);
    const items = result.items.filter(({ value }) => isWithin(value, show));
    const head = `${capital(AGGREGATION[result.agg] ?? result.agg)} ${purpose} ${formatRange(result.from, result.to)}`;
    const without =
      result.without_samples.length > 0
        ? ` No samples of ${result.metric}: ${result.without_samples.join(', ')}.`
        : '';
    if (result.overall === null) return `${head}: there are no samples of ${result.metric}.${without}`;
    const parts = items.map((item) => `${item.code} ${formatFigure(item.value, result.unit)}`);
    if (bounds)
      return `${head}, ${bounds}: ${items.length === 0 ? 'none' : `${items.length} of ${result.overall.items}: ${listed(parts, SHOWN)}`}.${without}`;
    // Newest values are of several times.
    const all =
      result.overall.items > 1 && result.agg !== 'last'
        ? ` Over all ${result.overall.items}: ${formatFigure(result.overall.value, result.unit)}.`
        : '';
    return `${head}: ${listed(parts, SHOWN)}.${all}${without}`;
  },
);

export const series = describer(
  z.object({
    metric: z.string(),
    agg: z.string(),
    unit: z.string(),
    ...Range,
    bucket_s: z.number(),
    series: z.array(Named.extend({ points: z.array(z.object({ at: z.string(), value: z.number() })) })),
    total_items: z.number(),
  }),
  (result, { purpose, args }) => {
    const parts = result.series.map(({ code, points }) => {
      const sorted = [...points].sort((a, b) => a.value - b.value);
      const [first, last, low, high] = [points[0], points.at(-1), sorted[0], sorted.at(-1)];
      if (!first || !last || !low || !high) return `${code} has no samples`;
      const show = (point: { at: string; value: number }) =>
        `${formatFigure(point.value, result.unit)} at ${formatTime(point.at)}`;
      if (args.bucket !== undefined)
        return `${code} ${listed(points.map(show), SHOWN).replaceAll('; ', ', ')}`;
      return `${code} went from ${show(first)} to ${show(last)}, lowest ${show(low)}, highest ${show(high)}`;
    });
    // The lowest of averages is not the lowest sample.
    const figure = (AGGREGATION[result.agg] ?? result.agg).replace(/ of$/, '');
    const length =
      result.bucket_s % 3600 === 0
        ? count(result.bucket_s / 3600, 'hour')
        : `${result.bucket_s / 60} minutes`;
    const head = `${capital(purpose)} ${formatRange(result.from, result.to)}, ${figure} per ${length}`;
    return parts.length === 0
      ? `${head}: there are no samples.`
      : `${head}: ${listed(parts, SHOWN, result.total_items)}.`;
  },
);

const Event = z.object({
  at: z.string(),
  type: z.string(),
  severity: z.string(),
  message: z.string(),
  attributes: z.record(z.string(), z.unknown()).default({}),
  item: Named,
});

export const events = describer(
  z.object({ ...Range, events: z.array(Event), total: z.number() }),
  ({ from, to, events: found, total }, { purpose, args }) => {
    const head = `${capital(purpose)} ${formatRange(from, to)}`;
    if (total === 0) return `${head}: there are none (0 events).`;
    const told = found.map(tellEvent);
    if (args.limit === 1 && told[0]) return `${capital(purpose)}: ${told[0]}.`;
    return `${head}, ${count(total, 'event')}: ${listed(told, SHOWN, total)}.`;
  },
);

/** "2026-11-15 05:05 UTC deployment of checkout (info): Deployed 4.12.0 (author mira)" */
function tellEvent(event: z.output<typeof Event>): string {
  const more = Object.entries(event.attributes).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${formatTime(event.at)} ${event.type} of ${event.item.code} (${event.severity}): ${event.message}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
}

export const firings = describer(
  z.object({
    rule: z.string(),
    ...Range,
    fired: z.array(z.object({ at: z.string(), item: Named.nullable() })),
    total_fired: z.number(),
    items: z.array(Named.extend({ fired: z.number() })),
    truncated: z.boolean(),
  }),
  ({ rule, from, to, fired, total_fired, items, truncated }) => {
    const head = `The rule "${rule}" ${formatRange(from, to)}`;
    const rest = truncated
      ? ` Only the time up to ${formatTime(to)} was looked at: there are too many matches after it.`
      : '';
    if (total_fired === 0) return `${head} would not have fired.${rest}`;
    const times = fired.map(({ at, item }) => `${formatTime(at)}${item ? ` for ${item.code}` : ''}`);
    const perItem =
      items.length > 1
        ? ` By item: ${listed(
            items.map((item) => `${item.code} ${item.fired}`),
            SHOWN,
          )}.`
        : '';
    return `${head} would have fired ${count(total_fired, 'time')}: ${listed(times, SHOWN, total_fired)}.${perItem}${rest}`;
  },
);
