import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKey, CreatedKey, CreateKeyRequest, Page } from '@planyard/contracts';
import { uuidv7 } from '@planyard/contracts';
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { decodeCursor, TimeAndId, toPage } from './cursor.ts';
import type { Database, Executor } from './database.ts';
import { inTransaction } from './transaction.ts';

/** `py_`, 8 public digits to tell keys apart, and a secret of 128 bits. */
const KEY = /^(py_[0-9a-f]{8})_[0-9a-f]{32}$/;

interface Source {
  now: Date;
  random?: (size: number) => Buffer;
}

/** Makes a key, and its user and tenant where they are new. The key itself is returned this once; only its SHA-256 is kept. */
export function createKey(
  db: Executor,
  request: CreateKeyRequest,
  { now, random = randomBytes }: Source,
): Promise<CreatedKey> {
  const prefix = `py_${random(4).toString('hex')}`;
  const key = `${prefix}_${random(16).toString('hex')}`;
  return inTransaction(db, async (tx) => {
    const { tenant, user } = request;
    await tx
      .insertInto('tenants')
      .values({ id: tenant, created_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await tx
      .insertInto('users')
      .values({ tenant, id: user, created_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const row = await tx
      .insertInto('api_keys')
      .values({
        id: `key_${uuidv7(now.getTime(), random)}`,
        tenant,
        user_id: user,
        name: request.name,
        prefix,
        hash: hashOf(key),
        scopes: JSON.stringify(request.scopes),
        created_at: now,
        expires_at: request.expires_at ?? null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { ...toApiKey(row), key };
  });
}

/** The key that was presented, or null when it is unknown, revoked or expired. Found by its public part; the secret is compared in constant time. */
export async function verifyKey(db: Executor, presented: string, now: Date): Promise<ApiKey | null> {
  const prefix = KEY.exec(presented)?.[1];
  if (prefix === undefined) return null;
  const rows = await db.selectFrom('api_keys').selectAll().where('prefix', '=', prefix).execute();
  const hash = hashOf(presented);
  const row = rows.find((candidate) => timingSafeEqual(candidate.hash, hash));
  if (!row || row.revoked_at !== null) return null;
  if (row.expires_at !== null && row.expires_at <= now) return null;
  return toApiKey(row);
}

/** Keys of a tenant, newest first. */
export async function listKeys(
  db: Executor,
  tenant: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ApiKey>> {
  let select = db.selectFrom('api_keys').selectAll().where('tenant', '=', tenant);
  if (cursor) {
    const [time, id] = decodeCursor(cursor, TimeAndId);
    select = select.where(sql<boolean>`(created_at, id) < (${time}::timestamptz, ${id})`);
  }
  const rows = await select
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, toApiKey, (row) => [row.created_at.toISOString(), row.id]);
}

/** The revoked key, or null when the tenant has none with this id. Revoking twice keeps the first time. */
export async function revokeKey(db: Executor, tenant: string, id: string, now: Date): Promise<ApiKey | null> {
  const row = await db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, ${now.toISOString()}::timestamptz)` })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row ? toApiKey(row) : null;
}

/** Whether a key is neither revoked nor expired. */
export async function isKeyValid(db: Executor, tenant: string, id: string, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom('api_keys')
    .select('id')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes that a key was used, at most once a minute. */
export async function touchKey(db: Executor, tenant: string, id: string, now: Date): Promise<void> {
  const minuteAgo = new Date(now.getTime() - 60_000);
  await db
    .updateTable('api_keys')
    .set({ last_used_at: now })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', minuteAgo)]))
    .execute();
}

/** Whether any key was ever made: the first start makes one. */
export async function hasKeys(db: Executor): Promise<boolean> {
  const row = await db.selectFrom('api_keys').select('id').limit(1).executeTakeFirst();
  return row !== undefined;
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function toApiKey(row: Selectable<Database['api_keys']>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    user: row.user_id,
    tenant: row.tenant,
    scopes: row.scopes,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
