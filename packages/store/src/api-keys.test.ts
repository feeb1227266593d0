import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createKey, hasKeys, listKeys, revokeKey, touchKey, verifyKey } from './api-keys.ts';
import { type TestDatabase, testDatabases } from './testing/open-test-database.ts';

describe.each(testDatabases(inject('postgresUrl')))('API keys on $name', ({ open }) => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  const now = new Date('2026-11-20T10:00:00.000Z');
  const later = (ms: number) => new Date(now.getTime() + ms);
  const request = { name: 'laptop', user: 'ann', tenant: 'acme', scopes: ['runs:write' as const] };

  it('knows a key by its secret, and keeps only a hash of it', async () => {
    expect(await hasKeys(store.db)).toBe(false);
    const { key, ...shown } = await createKey(store.db, request, { now });
    expect(key).toMatch(/^py_[0-9a-f]{8}_[0-9a-f]{32}$/);
    expect(await verifyKey(store.db, key, now)).toEqual(shown);
    expect(await verifyKey(store.db, `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`, now)).toBeNull();
    expect(await verifyKey(store.db, 'py_nonsense', now)).toBeNull();
    const rows = await store.db.selectFrom('api_keys').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(key.slice(12));
    expect(await hasKeys(store.db)).toBe(true);
  });

  it('refuses a key once it has expired or was revoked, by its own tenant only', async () => {
    const expiring = await createKey(
      store.db,
      { ...request, expires_at: later(1000).toISOString() },
      { now },
    );
    expect(await verifyKey(store.db, expiring.key, later(999))).not.toBeNull();
    expect(await verifyKey(store.db, expiring.key, later(1000))).toBeNull();

    const revoked = await createKey(store.db, request, { now: later(1) });
    expect(await revokeKey(store.db, 'other', revoked.id, now)).toBeNull();
    expect((await revokeKey(store.db, 'acme', revoked.id, now))?.revoked_at).toBe(now.toISOString());
    expect((await revokeKey(store.db, 'acme', revoked.id, later(5)))?.revoked_at).toBe(now.toISOString());
    expect(await verifyKey(store.db, revoked.key, now)).toBeNull();
    const first = await listKeys(store.db, 'acme', { limit: 1 });
    expect(first.data.map((key) => key.id)).toEqual([revoked.id]);
    expect(
      (await listKeys(store.db, 'acme', { limit: 10, cursor: first.next_cursor ?? '' })).data,
    ).toHaveLength(2);
    expect((await listKeys(store.db, 'other', { limit: 10 })).data).toEqual([]);
  });

  it('notes the last use once a minute', async () => {
    const { id, key } = await createKey(store.db, request, { now });
    const lastUse = async () => (await verifyKey(store.db, key, now))?.last_used_at;
    await touchKey(store.db, 'acme', id, now);
    await touchKey(store.db, 'acme', id, later(59_000));
    expect(await lastUse()).toBe(now.toISOString());
    await touchKey(store.db, 'acme', id, later(61_000));
    expect(await lastUse()).toBe(later(61_000).toISOString());
  });
});
