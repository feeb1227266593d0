import { InventoryItem } from '@planyard/contracts';
import { loadInventory } from '@planyard/store';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openTestWorker } from '../testing/open-test-worker.ts';

let t: Awaited<ReturnType<typeof openTestWorker>>;
beforeAll(async () => {
  t = await openTestWorker(inject('redisUrl'));
});
afterAll(() => t.close());

it('shows an inventory to the planner soon after it is loaded', async () => {
  expect(await t.engine.listCatalogs('acme')).toEqual([]);
  const options = { tenant: 'acme', source: 'own', sample: false, now: new Date() };
  await loadInventory(t.database.db, options, (load) =>
    load.items([InventoryItem.parse({ code: 'db-01', type: 'database' })]),
  );
  await expect.poll(() => t.engine.listCatalogs('acme')).toMatchObject([{ item_count: 1, sample: false }]);
  await loadInventory(t.database.db, options, (load) =>
    load.items([InventoryItem.parse({ code: 'db-02', type: 'database' })]),
  );
  await expect.poll(() => t.engine.listCatalogs('acme')).toMatchObject([{ item_count: 2 }]);
});

it('withdraws the tools of a worker that ends', async () => {
  const other = await t.start();
  expect(await t.redis.hlen(`${t.namespace}:tools`)).toBe(2);
  await other.close();
  expect(await t.redis.hlen(`${t.namespace}:tools`)).toBe(1);
});
