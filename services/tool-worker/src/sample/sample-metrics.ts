import type { InventoryItem, MetricSample } from '@planyard/contracts';
import { INCIDENTS } from './sample-incidents.ts';

/** How a metric of one item goes: between night and day, with noise. */
interface Shape {
  metric: string;
  unit: string;
  night: number;
  day: number;
  /** Share of the value that is noise. */
  noise: number;
  /** Percentages stay below 100. */
  max?: number;
  whole?: boolean;
}

export const STEP_MS = 300_000;
const WEEK_MS = 7 * 86_400_000;

/** 7 days of 5-minute samples up to `endMs`, one item after the other: a daily rhythm, noise, and the incidents. */
export function* sampleMetrics(
  items: InventoryItem[],
  endMs: number,
  random: () => number,
): Generator<MetricSample[]> {
  for (const item of items) {
    const weight = 0.6 + random() * 0.8;
    for (const shape of shapesOf(item, weight)) yield series(item.code, shape, endMs, random);
  }
}

function shapesOf({ type, code }: InventoryItem, weight: number): Shape[] {
  const cpu: Shape = {
    metric: 'cpu_usage',
    unit: '%',
    night: 12 * weight,
    day: 42 * weight,
    noise: 0.12,
    max: 99,
  };
  const memory: Shape = {
    metric: 'memory_usage',
    unit: '%',
    night: 45 * weight,
    day: 52 * weight,
    noise: 0.03,
    max: 98,
  };
  switch (type) {
    case 'service':
      return [
        cpu,
        memory,
        { metric: 'request_rate', unit: 'req/s', night: 20 * weight, day: 240 * weight, noise: 0.1 },
        { metric: 'error_rate', unit: '%', night: 0.1, day: 0.3 * weight, noise: 0.5, max: 100 },
        { metric: 'latency_p95', unit: 'ms', night: 90 * weight, day: 190 * weight, noise: 0.12 },
      ];
    case 'database':
      return [
        cpu,
        memory,
        {
          metric: 'connections',
          unit: 'connections',
          night: 15 * weight,
          day: 70 * weight,
          noise: 0.1,
          whole: true,
        },
        { metric: 'latency_p95', unit: 'ms', night: 3 * weight, day: 9 * weight, noise: 0.2 },
      ];
    case 'queue':
      return [
        {
          metric: 'queue_depth',
          unit: 'messages',
          night: 5 * weight,
          day: 120 * weight,
          noise: 0.4,
          whole: true,
        },
        { metric: 'message_rate', unit: 'msg/s', night: 4 * weight, day: 60 * weight, noise: 0.15 },
      ];
    case 'host':
      return [
        cpu,
        memory,
        { metric: 'disk_usage', unit: '%', night: 40 * weight, day: 41 * weight, noise: 0.01, max: 95 },
      ];
    default:
      throw new Error(`no metrics for ${code}, a ${type}`);
  }
}

function series(code: string, shape: Shape, endMs: number, random: () => number): MetricSample[] {
  const effects = INCIDENTS.flatMap((incident) =>
    incident.effects
      .filter((effect) => effect.code === code && effect.metric === shape.metric)
      .map((effect) => ({
        ...effect,
        from: endMs - incident.startsAgo * 60_000,
        to: endMs - incident.endsAgo * 60_000,
      })),
  );
  const samples: MetricSample[] = [];
  for (let at = endMs - WEEK_MS + STEP_MS; at <= endMs; at += STEP_MS) {
    const usual = shape.night + (shape.day - shape.night) * daylight(at);
    let value = usual * (1 + shape.noise * (random() + random() - 1));
    for (const effect of effects)
      if (at >= effect.from && at <= effect.to)
        value = Math.max(value, effect.reach * (1 + 0.04 * (random() - 0.5)));
    value = Math.min(shape.max ?? Number.POSITIVE_INFINITY, Math.max(0, value));
    samples.push({
      code,
      metric: shape.metric,
      at: new Date(at).toISOString(),
      value: shape.whole ? Math.round(value) : Math.round(value * 100) / 100,
      unit: shape.unit,
    });
  }
  return samples;
}

/** 0 in the dead of night, 1 in the early afternoon, less at weekends (UTC). */
function daylight(atMs: number): number {
  const date = new Date(atMs);
  const hour = date.getUTCHours() + date.getUTCMinutes() / 60;
  const day = (1 - Math.cos(((hour - 2) / 24) * 2 * Math.PI)) / 2;
  const weekend = date.getUTCDay() === 0 || date.getUTCDay() === 6;
  return weekend ? day * 0.7 : day;
}
