import { randomUUID } from 'node:crypto';
import { createEngine, type Engine } from '@planyard/engine';
import { connectRedis, createLogger } from '@planyard/runtime';
import { openTestDatabase, type TestDatabase } from '@planyard/store/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { ConfiguredSource } from '../follow-config.ts';
import { SourceConfig } from './source-config.ts';
import { watchSources } from './watch-sources.ts';

const log = createLogger({ service: 'test', level: 'silent' });
const redis = connectRedis({ url: inject('redisUrl'), role: 'producer', name: 'test', log });
const namespace = `w${randomUUID().slice(0, 8)}`;
let database: TestDatabase;
let engine: Engine;
beforeAll(async () => {
  engine = createEngine({ redis, log, settings: { namespace } });
  database = await openTestDatabase(inject('postgresUrl'), { migrated: false });
  await sql`create table machines (id int primary key, state text)`.execute(database.db);
  await sql`insert into machines values (1, 'idle'), (2, 'busy'), (3, 'idle')`.execute(database.db);
});
afterAll(async () => {
  await engine?.close();
  redis.disconnect();
  await database?.close();
});

function watch(worker: string, url: string | null, more: object = {}, checkMs = 3_600_000) {
  const config = SourceConfig.parse({ kind: 'postgres', url: { env: 'X' }, ...more });
  const source: ConfiguredSource = {
    name: 'plant',
    config,
    url,
    fault: url === null ? 'X is not set' : null,
  };
  const followed = { sources: () => [source], fault: () => null };
  return watchSources({ engine, followed, worker, log, checkMs, readMs: 3_600_000, everyMs: 20 });
}
const state = async () => (await engine.sources.list('default'))[0];
const column = async () => (await engine.sources.catalogs('default'))[0]?.tables[0]?.columns[1];
const values = async () => (await column())?.values;

it('one worker reads a source; the next goes on with its catalog, also where it cannot reach the source', async () => {
  const first = watch('first', database.url);
  await expect.poll(state).toMatchObject({ tables: 1, columns: 2, fault: null });
  expect(await values()).toEqual(['idle', 'busy']);
  const second = watch('second', null);
  expect(await engine.sources.claim('plant', 'second', 10_000)).toBe(false);
  await first.close();
  await expect.poll(state).toMatchObject({
    tables: 1,
    fault: 'its url is not to be had where planyard.yaml says',
  });
  expect(await values()).toEqual(['idle', 'busy']);
  await expect(second.check.check()).rejects.toThrow('plant: its url is not to be had');
  await second.close();
});

it('what is marked as sensitive meanwhile is taken out, though the source cannot be read', async () => {
  const before = await state();
  const third = watch('third', 'postgres://u:hunter2@127.0.0.1:1/x', { sensitive: ['machines.state'] });
  await expect
    .poll(state)
    .toMatchObject({ tables: 1, fault: 'nothing listens at its address (ECONNREFUSED)' });
  expect(await column()).toEqual({ name: 'state', type: 'text', nullable: true, sensitive: true });
  expect(before?.version).toMatch(/^[0-9a-f]{32}$/);
  expect(await redis.exists(`${namespace}:sources:tables:${before?.version}`)).toBe(0);
  await third.close();
});

it('looks at whether something has changed by itself', async () => {
  const fourth = watch('fourth', database.url, {}, 50);
  await expect.poll(state).toMatchObject({ columns: 2, fault: null });
  await sql`alter table machines add column model text`.execute(database.db);
  await expect.poll(state).toMatchObject({ columns: 3 });
  await fourth.close();
});
