import { InventoryItem } from '@planyard/contracts';
import { createLogger } from '@planyard/runtime';
import { loadInventory } from '@planyard/store';
import { openTestDatabase, type TestDatabase } from '@planyard/store/testing';
import type { RawBuilder } from 'kysely';
import { afterAll, beforeAll, inject } from 'vitest';
import { checkInput } from '../execute/check-input.ts';
import { prepareResult } from '../execute/prepare-result.ts';
import { loadTools } from '../registry/load-tools.ts';
import { loadSampleInventory } from '../sample/load-sample-inventory.ts';

export const NOW = new Date('2026-11-20T10:02:30.000Z');
export const TENANT = 'default';

/** What the tests read of any item, event, group or path. */
export interface Row {
  id: string;
  code: string;
  type: string;
  at: string;
  value: number;
  samples: number;
  depth: number;
  direction: string;
  key: string | null;
  item: Row;
  points: unknown[];
  nodes: Row[];
  edges: Row[];
}
type Lists = Record<
  'items' | 'relations' | 'groups' | 'series' | 'nodes' | 'paths' | 'events' | 'fired',
  Row[]
>;
export interface Value extends Lists {
  item: Row;
  total: number;
  total_items: number;
  total_groups: number;
  total_fired: number;
  next_page: number | null;
  overall: unknown;
  unknown: string[];
  bucket_s: number;
  length: number;
  truncated: boolean;
}

export const codes = (list: Row[]) => list.map((item) => item.code);

/** The tools of this worker on the sample inventory, beside a tenant that has items of the same names. For a test file. */
export async function useOpsInventory() {
  let database: TestDatabase;
  const tools = await loadTools();

  beforeAll(async () => {
    database = await openTestDatabase(inject('postgresUrl'));
    await loadSampleInventory(database.db, { tenant: TENANT, now: NOW, seed: 7 });
    await loadInventory(
      database.db,
      { tenant: 'rival', source: 'own', sample: false, now: NOW },
      async (load) => {
        await load.items(
          ['orders-db', 'secret-db'].map((code) =>
            InventoryItem.parse({ code, type: 'database', owner: 'rival' }),
          ),
        );
        await load.relations([{ from: 'secret-db', relation: 'depends_on', to: 'orders-db' }]);
        await load.metrics([
          { code: 'orders-db', metric: 'cpu_usage', at: NOW.toISOString(), value: 100, unit: '%' },
        ]);
        await load.events([
          {
            code: 'orders-db',
            type: 'alert',
            severity: 'critical',
            at: NOW.toISOString(),
            message: 'rival',
            attributes: {},
          },
        ]);
      },
    );
  }, 60_000);
  afterAll(() => database.close());

  async function call(
    name: string,
    args: Parameters<typeof checkInput>[1],
    at = { now: NOW, tenant: TENANT },
  ): Promise<Value> {
    const tool = tools.get(name);
    if (!tool) throw new Error(`there is no tool ${name}`);
    const { input } = checkInput(tool, args);
    const output = await tool.definition.execute(input, {
      signal: new AbortController().signal,
      log: createLogger({ service: 'test', level: 'silent' }),
      idempotency_key: 'k',
      progress: () => {},
      spent: () => {},
      store: { db: database.db, ...at, sources: async () => [] },
    });
    return prepareResult(tool, output).value as unknown as Value;
  }

  async function truth<T>(query: RawBuilder<T>): Promise<T[]> {
    return (await query.execute(database.db)).rows;
  }

  return { tools, call, truth, db: () => database.db };
}
