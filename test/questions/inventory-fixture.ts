import { InventoryEvent, InventoryItem, type MetricSample } from '@planyard/contracts';
import { type Executor, loadInventory } from '@planyard/store';

/** An inventory small enough to be read, written by hand. Times are minutes before the end of its data. */
export interface InventoryFixture {
  items: [
    code: string,
    name: string,
    type: string,
    owner: string | null,
    environment: string | null,
    attributes?: InventoryItem['attributes'],
    status?: string,
  ][];
  relations: [from: string, relation: string, to: string][];
  /** A sample every 10 minutes for two days: `base` plus a saw tooth up to `swing`; within the last hour also `recent`. */
  metrics: [code: string, metric: string, unit: string, base: number, swing: number, recent?: number][];
  events: [
    code: string,
    type: string,
    severity: InventoryEvent['severity'],
    minutesAgo: number,
    message: string,
    attributes?: InventoryEvent['attributes'],
  ][];
}

const STEP_MINUTES = 10;
const SAMPLES = 2 * 144;

export async function loadFixture(
  db: Executor,
  tenant: string,
  fixture: InventoryFixture,
  end: Date,
): Promise<void> {
  const at = (minutesAgo: number) => new Date(end.getTime() - minutesAgo * 60_000).toISOString();
  await loadInventory(db, { tenant, source: 'fixture', sample: false, now: end }, async (load) => {
    await load.items(
      fixture.items.map(([code, name, type, owner, environment, attributes = {}, status = 'active']) =>
        InventoryItem.parse({ code, name, type, owner, environment, attributes, status }),
      ),
    );
    await load.relations(fixture.relations.map(([from, relation, to]) => ({ from, relation, to })));
    await load.metrics(
      fixture.metrics.flatMap(([code, metric, unit, base, swing, recent = 0]) =>
        Array.from({ length: SAMPLES }, (_, index): MetricSample => {
          const minutesAgo = (SAMPLES - 1 - index) * STEP_MINUTES;
          const tooth = (swing * (index % 12)) / 11;
          const value = Math.round((base + tooth + (minutesAgo < 60 ? recent : 0)) * 100) / 100;
          return { code, metric, at: at(minutesAgo), value, unit };
        }),
      ),
    );
    await load.events(
      fixture.events.map(([code, type, severity, minutesAgo, message, attributes = {}]) =>
        InventoryEvent.parse({ code, type, severity, at: at(minutesAgo), message, attributes }),
      ),
    );
  });
}
