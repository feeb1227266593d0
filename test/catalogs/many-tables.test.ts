import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableCatalog } from '@planyard/contracts';
import { createEngine, type Engine } from '@planyard/engine';
import { countTokens } from '@planyard/llm';
import { createTableDigester, keepRelatedWords } from '@planyard/planning';
import { connectRedis, createLogger } from '@planyard/runtime';
import { openPostgres, type TestDatabase } from '@planyard/store/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { manyTables, readQuestions } from './many-tables.ts';

/* A database of a thousand tables, as the tool worker reads it from a real Postgres, and what a prompt shows of it. */

const postgresUrl = inject('postgresUrl');
const TOKENS = 3_000;
const namespace = 'many-tables';

describe.skipIf(postgresUrl === undefined)('a thousand tables on a real Postgres', () => {
  const written = manyTables();
  const log = createLogger({ service: 'test', level: 'silent' });
  const redis = connectRedis({ url: inject('redisUrl'), role: 'producer', name: 'test', log });
  const digester = createTableDigester(countTokens, keepRelatedWords());
  let database: TestDatabase;
  let house: House;
  let engine: Engine;
  let directory: string;
  let catalog: TableCatalog;

  beforeAll(async () => {
    database = await openPostgres(postgresUrl as string, { migrated: false });
    for (const statement of written.statements) await sql.raw(statement).execute(database.db);
    directory = await mkdtemp(join(tmpdir(), 'planyard-tables-'));
    const source = { kind: 'postgres', url: { env: 'ERP_URL' }, schemas: written.schemas };
    await writeFile(join(directory, 'planyard.yaml'), JSON.stringify({ sources: { erp: source } }));
    house = await openHouse({
      redisUrl: inject('redisUrl'),
      postgresUrl,
      env: { PLANYARD_CONFIG: join(directory, 'planyard.yaml'), PLANYARD_NAMESPACE: namespace },
      secrets: { ERP_URL: database.url },
    });
    engine = createEngine({ redis, log, settings: { namespace } });
    await vi.waitFor(
      async () =>
        expect((await house.client.catalog.list({ limit: 1 })).sources).toMatchObject([
          { source: 'erp', state: 'fresh', tables: written.tables },
        ]),
      { timeout: 60_000, interval: 200 },
    );
  });
  afterAll(async () => {
    await engine?.close();
    redis.disconnect();
    await house?.close();
    await database?.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('fits Redis, and reading it does not hold up the process', async () => {
    expect(written.tables).toBe(1_000);
    const bytes = async (key: string) => (await redis.memory('USAGE', key, 'SAMPLES', '0')) ?? 0;
    const [key = ''] = await redis.keys(`${namespace}:sources:tables:*`);
    const kept = (await bytes(key)) + (await bytes(`${namespace}:sources`));
    expect(kept).toBeLessThan(500_000);
    // Counts how often others had their turn meanwhile.
    let turns = 0;
    let reading = true;
    const turn = () => {
      turns += 1;
      if (reading) setImmediate(turn);
    };
    turn();
    const [read] = await engine.sources.catalogs('default');
    reading = false;
    catalog = read as TableCatalog;
    // A piece holds 25 tables.
    expect(turns).toBeGreaterThan(1_000 / 25);
    const columns = catalog.tables.reduce((sum, table) => sum + table.columns.length, 0);
    expect(columns).toBeGreaterThan(18_000);
    expect((await engine.sources.catalogs('default'))[0]?.tables).toBe(catalog.tables);
    expect(await engine.sources.catalogs('another')).toEqual([]);
  });

  test.each(readQuestions())('$question', async ({ question, tables }) => {
    const chosen = await digester.choose([catalog], question, TOKENS);
    const shown = chosen.tables.map(({ table }) => `${table.schema}.${table.name}`);
    expect(shown).toEqual(expect.arrayContaining(tables));
    for (const table of tables)
      expect(chosen.text).toMatch(new RegExp(`^${table.replace('.', '\\.')} \\(`, 'm'));
    const left = chosen.left_out.join('\n');
    expect(left).toContain(`erp: ${1_000 - shown.length} of 1000 tables`);
    expect(await countTokens(`${chosen.text}\n${left}`)).toBeLessThanOrEqual(TOKENS);
  });

  test('a question about nothing in it still says what there is', async () => {
    const chosen = await digester.choose([catalog], 'xyzzy?', TOKENS);
    expect(chosen.tables).toEqual([]);
    expect(chosen.text).toBe('## erp: 1000 tables');
    expect(chosen.left_out[0]).toMatch(/^erp: 1000 of 1000 tables \(\w+ \d+, /);
  });
});
