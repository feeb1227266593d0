import { BreakerState, type ToolFigures, type ToolManifest, type ToolName } from '@planyard/contracts';
import { z } from 'zod';

export const MeasuredFigures = z.object({
  calls: z.number(),
  ms: z.number(),
  success: z.number(),
  cached: z.number(),
});
type Measured = z.infer<typeof MeasuredFigures>;

/** A tool's figures as one worker measures them. */
export const OwnFigures = MeasuredFigures.extend({ breaker: BreakerState });

interface Offered {
  version: string;
  running: number;
  places: number;
  waiting: Record<string, number>;
  figures: Record<string, z.infer<typeof OwnFigures>>;
  before: Record<string, Measured>;
}

/**
 * What all workers measure, as one: averages weighted by calls. What a worker found when it came makes up for the calls
 * of workers that have left since, and counts no call twice. A breaker counts as open when no worker that has called the
 * tool would call it; load is what is taken of, and waits for, the places of the workers that serve it.
 */
export function figuresOf(
  tools: readonly ToolManifest[],
  offers: readonly Offered[],
  versions: ReadonlyMap<string, ToolManifest[]>,
): Map<ToolName, ToolFigures> {
  const servers = new Map<ToolName, Offered[]>();
  for (const offer of offers)
    for (const { name } of versions.get(offer.version) ?? []) {
      const list = servers.get(name) ?? [];
      list.push(offer);
      servers.set(name, list);
    }
  return new Map(
    tools.map((tool) => {
      const serving = servers.get(tool.name) ?? [];
      return [tool.name, { ...averagesOf(tool.name, serving), load: loadOf(`tool-${tool.class}`, serving) }];
    }),
  );
}

function averagesOf(name: ToolName, offers: Offered[]): Omit<ToolFigures, 'load'> {
  const own = offers.map(({ figures }) => figures[name]).filter((each) => each !== undefined);
  const all: Measured[] = [...own];
  const ownCalls = own.reduce((sum, each) => sum + each.calls, 0);
  const before = offers
    .flatMap((offer) => offer.before[name] ?? [])
    .reduce<Measured | null>((most, each) => (most && most.calls >= each.calls ? most : each), null);
  if (before && before.calls > ownCalls) all.push({ ...before, calls: before.calls - ownCalls });
  const calls = all.reduce((sum, each) => sum + each.calls, 0);
  const mean = (field: 'ms' | 'success' | 'cached') =>
    calls === 0 ? 0 : all.reduce((sum, each) => sum + each[field] * each.calls, 0) / calls;
  const has = (state: BreakerState) => own.some(({ breaker }) => breaker === state);
  return {
    calls,
    ms: mean('ms'),
    success: calls === 0 ? 1 : mean('success'),
    cached: mean('cached'),
    breaker: own.length === 0 || has('closed') ? 'closed' : has('half_open') ? 'half_open' : 'open',
  };
}

function loadOf(queue: string, offers: Offered[]): number {
  const places = offers.reduce((sum, each) => sum + each.places, 0);
  const running = offers.reduce((sum, each) => sum + each.running, 0);
  // Each of them has seen the same queue.
  const waiting = Math.max(0, ...offers.map((each) => each.waiting[queue] ?? 0));
  return places === 0 ? 0 : Math.min(1, (running + waiting) / places);
}
