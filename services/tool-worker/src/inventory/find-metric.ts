import { sql } from 'kysely';
import { z } from 'zod';
import { invalid } from './find-items.ts';
import type { InventoryStore } from './inventory-store.ts';

export const MetricName = z.string().min(1).max(200).describe('A metric of the catalog, such as "cpu_usage"');

/** A metric as it is stored, for a name that may differ in case or separators; throws `invalid_args` that lists what there is. */
export async function findMetric(
  { db, tenant }: InventoryStore,
  name: string,
): Promise<{ name: string; unit: string }> {
  const { rows } = await sql<{ name: string; unit: string }>`
    select name, unit from metrics where tenant = ${tenant} order by name`.execute(db);
  const wanted = plain(name);
  const metric = rows.find((row) => row.name === name) ?? rows.find((row) => plain(row.name) === wanted);
  if (metric) return metric;
  const known = rows.slice(0, 50).map((row) => row.name);
  throw invalid(
    'metric',
    known.length === 0
      ? `there is no metric "${name}": no samples are loaded`
      : `there is no metric "${name}"; there are ${known.join(', ')}`,
  );
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]+/g, '_');
}
