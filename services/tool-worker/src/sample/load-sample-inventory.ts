import { catalog, type Executor, loadInventory } from '@planyard/store';
import { sampleEvents } from './sample-incidents.ts';
import { sampleItems, sampleRelations } from './sample-items.ts';
import { STEP_MS, sampleMetrics } from './sample-metrics.ts';
import { seededRandom } from './seeded-random.ts';

const BATCH = 20_000;

export interface SampleOptions {
  tenant: string;
  /** The samples end at the last full five minutes before it. */
  now: Date;
  seed: number;
}

/** Loads the sample inventory into a tenant that has none; false when it has one. The same options give the same data. */
export async function loadSampleInventory(
  db: Executor,
  { tenant, now, seed }: SampleOptions,
): Promise<boolean> {
  if ((await catalog(db, tenant)) !== null) return false;
  const endMs = Math.floor(now.getTime() / STEP_MS) * STEP_MS;
  const items = sampleItems();
  await loadInventory(db, { tenant, source: 'sample', sample: true, now }, async (load) => {
    await load.items(items);
    await load.relations(sampleRelations());
    const batch = [];
    for (const series of sampleMetrics(items, endMs, seededRandom(seed))) {
      batch.push(...series);
      if (batch.length >= BATCH) await load.metrics(batch.splice(0));
    }
    await load.metrics(batch);
    await load.events(sampleEvents(endMs));
  });
  return true;
}
