import type { CatalogTable, SourceState } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { testEngine } from './engine-harness.ts';

const table = (name: string): CatalogTable => ({
  schema: 'shop',
  name,
  kind: 'table',
  rows: null,
  columns: [],
  primary_key: [],
  unique: [],
  foreign_keys: [],
});
const state = (version: string): SourceState => ({
  source: 'shop',
  tenants: ['default'],
  schemas: ['shop'],
  tables: 1,
  columns: 0,
  version,
  read_at: '2026-11-29T10:00:00.000Z',
  checked_at: null,
  fault: null,
  refreshed_for: 0,
});

test('tables that are replaced while they are looked for are read in their new version', async () => {
  const { engine, redis } = testEngine();
  const { sources } = engine;
  const before = await sources.store('shop', [table('patients')]);
  await sources.publish(state(before), 60_000);
  const read = redis.hgetallBuffer.bind(redis);
  let replaced = false;
  // The state has been read by then.
  redis.hgetallBuffer = (async (key: string) => {
    if (!replaced) {
      replaced = true;
      await sources.publish(state(await sources.store('shop', [table('wards')])), 60_000, before);
    }
    return read(key);
  }) as typeof redis.hgetallBuffer;
  const found = await sources.catalogs('default');
  expect(found.map(({ source, tables }) => [source, tables.map(({ name }) => name)])).toEqual([
    ['shop', ['wards']],
  ]);
});
