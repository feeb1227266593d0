import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelServer, startModelServer, textReply } from '@planyard/llm/testing';
import { checkHealth, connectRedis, createLogger } from '@planyard/runtime';
import { openTestDatabase, type TestDatabase } from '@planyard/store/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { runPlanyard } from '../support/run-planyard.ts';

/* A configured data source, from planyard.yaml to what a model is told. */

const namespace = 'catalogs';
const postgresUrl = inject('postgresUrl');
const SECRETS = ['hunter2', 'ann@secret.example', 'token-value-1', 'AB-negative'];

let server: ModelServer;
let database: TestDatabase;
let house: House;
let directory: string;

const source = (more: object = {}) => ({
  kind: 'postgres',
  url: { file: 'shop-url' },
  schemas: ['shop'],
  sensitive: ['patients.blood_group'],
  ...more,
});
const configure = (sources: object) =>
  writeFile(join(directory, 'planyard.yaml'), JSON.stringify({ sources }));
const run = async (text: string) => {
  for (const each of text.split(';\n')) await sql.raw(each).execute(database.db);
};

beforeAll(async () => {
  database = await openTestDatabase(postgresUrl, { migrated: false });
  await run(`create schema shop;
    create table shop.patients (id int primary key, email text, api_token text, blood_group text, ward text);
    comment on table shop.patients is 'People who are treated here';
    insert into shop.patients select n, 'ann@secret.example', 'token-value-1', 'AB-negative',
      (array['surgery','paediatrics'])[1 + n % 2] from generate_series(1, 20) n;
    create table shop.visits (id int primary key, patient_id int references shop.patients (id), visited_on date)`);
  server = await startModelServer();
  directory = await mkdtemp(join(tmpdir(), 'planyard-catalogs-'));
  await writeFile(join(directory, 'shop-url'), database.url);
  await configure({ shop: source() });
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl,
    env: {
      PLANYARD_CONFIG: join(directory, 'planyard.yaml'),
      PLANYARD_NAMESPACE: namespace,
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-test',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
      // What changes is seen by asking for it, not by waiting.
      CATALOG_CHECK_SECONDS: '3600',
    },
  });
});
afterAll(async () => {
  await house?.close();
  await server?.close();
  await database?.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  server.requests.length = 0;
  server.script([
    { when: '?', replies: [textReply('{"intent":"greeting","steps":[],"answer":"It is known."}')] },
  ]);
});

const sources = async () => (await house.client.catalog.list()).sources;
const fresh = () => expect.poll(sources).toMatchObject([{ source: 'shop', state: 'fresh', fault: null }]);

/** What the planning model was told when it was asked this. */
async function promptOf(question: string): Promise<string> {
  const { id } = await house.client.runs.create({ question, options: { plan_cache: false } });
  await house.client.runs.wait(id);
  return JSON.stringify(server.requests.map(({ body }) => body));
}

/** Everything that Redis holds of sources. */
async function redisText(): Promise<string> {
  const log = createLogger({ service: 'test', level: 'silent' });
  const redis = connectRedis({ url: inject('redisUrl'), role: 'producer', name: 'test', log });
  const { gunzipSync } = await import('node:zlib');
  const texts: string[] = [];
  for (const key of await redis.keys(`${namespace}:sources*`)) {
    if ((await redis.type(key)) !== 'hash') continue;
    for (const value of Object.values(await redis.hgetallBuffer(key)))
      texts.push(value[0] === 0x1f ? gunzipSync(value).toString() : value.toString());
  }
  redis.disconnect();
  return texts.join('\n');
}

test('a configured source shows in GET /v1/catalog and in the prompt of a model', async () => {
  await fresh();
  const { data } = await house.client.catalog.list({ source: 'shop', table: 'pat*' });
  expect(data).toEqual([
    {
      source: 'shop',
      schema: 'shop',
      name: 'patients',
      kind: 'table',
      comment: 'People who are treated here',
      rows: null,
      columns: 5,
    },
  ]);
  expect((await house.client.catalog.list({ text: 'paediatrics' })).data).toMatchObject([
    { name: 'patients' },
  ]);
  const patients = await house.client.catalog.table('shop', 'shop.patients');
  expect(patients.columns.find(({ name }) => name === 'ward')?.values?.toSorted()).toEqual([
    'paediatrics',
    'surgery',
  ]);
  const prompt = await promptOf('How many people visit paediatrics?');
  expect(prompt).toContain('## shop: 2 tables');
  expect(prompt).toMatch(/shop\.patients: People who are treated here; id integer key, .*ward text \[/);
  expect(prompt).toContain('patient_id integer -> shop.patients.id');
  // A name may be told, what it holds may not.
  expect(prompt).toContain('private: shop: shop.patients (email, api_token, blood_group)');
  await expect(house.client.catalog.table('shop', 'nurses')).rejects.toMatchObject({ code: 'not_found' });
});

test('a changed table shows after a refresh', async () => {
  await fresh();
  await run(`alter table shop.visits add column reason text;
    comment on column shop.visits.reason is 'Why somebody came';
    create table shop.wards (id int primary key, beds int)`);
  expect((await house.client.catalog.list()).data).toHaveLength(2);
  expect(await house.client.catalog.refresh('shop')).toEqual({ sources: ['shop'] });
  expect(await sources()).toMatchObject([{ refreshing: true }]);
  await expect.poll(sources).toMatchObject([{ refreshing: false, tables: 3 }]);
  expect(await promptOf('Which reason had those who came to the wards?')).toContain('Why somebody came');
  await expect(house.client.catalog.refresh('nowhere')).rejects.toMatchObject({ code: 'not_found' });
});

/** Runs `planyard` with these arguments. */
const planyard = (...args: string[]) =>
  runPlanyard(args, {
    env: { PLANYARD_URL: house.url, PLANYARD_API_KEY: house.key },
    cwd: directory,
    columns: 200,
  });

test('planyard catalog shows sources, tables and columns, and refreshes', async () => {
  await fresh();
  const refreshed = await planyard('catalog', 'refresh', 'shop');
  expect(refreshed).toMatchObject({ code: 0, out: expect.stringMatching(/shop +fresh +3/) });
  expect((await planyard('catalog', 'show')).out).toMatch(/^SOURCE +STATE[\s\S]*shop +fresh/);
  expect((await planyard('catalog', 'show', 'shop')).out).toMatch(/shop: shop\.visits/);
  expect((await planyard('catalog', 'show', 'shop', '*its')).out).not.toContain('shop.patients');
  const { out } = await planyard('catalog', 'show', 'shop', 'visits');
  expect(out).toMatch(/patient_id +integer +-> shop\.patients/);
  expect(out).toContain('Why somebody came');
  expect((await planyard('catalog', 'show', 'shop', 'patients')).out).toMatch(/api_token +text +sensitive/);
  expect(await planyard('catalog', 'show', 'nowhere')).toMatchObject({ code: 1 });
});

test('sensitive values appear nowhere, and those marked later are gone', async () => {
  await fresh();
  expect(await redisText()).toContain('surgery');
  await configure({ shop: source({ sensitive: ['patients.*'] }) });
  await expect.poll(redisText).not.toContain('surgery');
  await fresh();
  const api = JSON.stringify([
    await house.client.catalog.list(),
    await house.client.catalog.table('shop', 'patients'),
  ]);
  const everything = [api, await redisText(), house.log(), await promptOf('What of patients, by email?')];
  for (const secret of [...SECRETS, 'surgery'])
    for (const text of everything.slice(0, secret === 'surgery' ? 2 : 4)) expect(text).not.toContain(secret);
  expect(everything[3]).toContain('api_token');
});

test('a source that cannot be reached keeps its last catalog and says why, without its password', async () => {
  await fresh();
  await writeFile(join(directory, 'shop-url'), 'postgres://planyard:hunter2@127.0.0.1:1/shop');
  await expect
    .poll(sources)
    .toMatchObject([{ state: 'stale', tables: 3, fault: 'nothing listens at its address (ECONNREFUSED)' }]);
  const { json } = await house.request('GET', '/readyz');
  expect(json).toMatchObject({ ready: true });
  // Anybody may ask the gateway, and sources are their tenants'.
  expect(json.checks).toContainEqual({ name: 'sources', ok: false, detail: '1 data source is stale' });
  const detail = 'shop: nothing listens at its address (ECONNREFUSED)';
  const { checks } = await checkHealth(house.gateway.checks);
  expect(checks).toContainEqual({ name: 'sources', ok: false, detail });
  expect((await planyard('doctor')).out.replace(/\s+/g, ' ')).toContain(detail);
  expect(await promptOf('Who is treated?')).toMatch(/## shop: 3 tables \(as of 20/);
  expect(house.log()).toContain('a source could not be read');
  expect(house.log() + (await redisText())).not.toContain('hunter2');
  await writeFile(join(directory, 'shop-url'), database.url);
  await fresh();
});

test('a broken file keeps the sources, one without a source takes it away; other tenants see none', async () => {
  await fresh();
  await writeFile(join(directory, 'planyard.yaml'), 'sources: { shop: { kind: oracle } }');
  await expect.poll(() => house.log()).toContain('sources.shop.kind');
  await fresh();
  await configure({ shop: source({ tenants: ['another'] }) });
  await expect.poll(sources).toEqual([]);
  await expect(house.client.catalog.table('shop', 'patients')).rejects.toMatchObject({ code: 'not_found' });
  expect(await promptOf('Who was treated here?')).not.toContain('shop.patients');
  await configure({});
  await expect.poll(redisText).toBe('');
});
