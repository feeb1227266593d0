import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { checkPath, collectReferences } from '@planyard/engine';
import { startModelServer, textReply } from '@planyard/llm/testing';
import { startCompositions, startPrompts } from '@planyard/planning';
import { createMetricsRegistry, watchDirectory } from '@planyard/runtime';
import { openTestDatabase } from '@planyard/store/testing';
import { loadSampleInventory } from '@planyard/tool-worker';
import { sql } from 'kysely';
import { expect, inject, onTestFinished, test } from 'vitest';
import { inheritedEnv } from './support/env.ts';
import { openHouse } from './support/house.ts';

const root = resolve(import.meta.dirname, '..');
const log = { info: () => {}, warn: () => {} };

/** The first block of YAML of a page. */
function exampleOf(page: string): string {
  const text = readFileSync(resolve(root, page), 'utf8');
  return /^```yaml\n([\s\S]*?)^```/m.exec(text)?.[1] ?? '';
}

test('the example of docs/compositions.md is a composition', async () => {
  const started = await startCompositions({
    directory: '',
    watchDirectory: async () => ({
      files: [{ path: 'example.yaml', text: exampleOf('docs/compositions.md') }],
      close: () => {},
    }),
    importModules: async () => [],
    syntax: { collect: collectReferences, checkPath },
    registry: createMetricsRegistry('test'),
    log,
  });
  expect(started.compositions.list()).toMatchObject([{ name: 'owner_and_load' }]);
  started.close();
});

test('the example of docs/agents.md is an agent', async () => {
  const started = await startPrompts({
    watch: async (tell) => {
      const directory = await watchDirectory(resolve(root, 'prompts'), tell);
      const example = { path: 'agents/example.yaml', text: exampleOf('docs/agents.md') };
      return { ...directory, files: [...directory.files, example] };
    },
    registry: createMetricsRegistry('test'),
    log,
  });
  expect(started.prompts.agents().find(({ name }) => name === 'billing')).toMatchObject({
    models: { plan: 'careful', join: 'fast' },
    max_attempts: 2,
  });
  started.close();
});

test('the files and commands of README.md’s “Make it yours” do what it says, on the sample', async () => {
  const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
  const section = /^## Make it yours$([\s\S]*?)^## /m.exec(readme)?.[1] ?? '';
  const dir = await mkdtemp(join(tmpdir(), 'planyard-readme-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  for (const each of ['prompts', 'compositions'])
    await cp(resolve(root, each), join(dir, each), { recursive: true });
  // The first line of a file's block is its path.
  for (const [, path = '', text = ''] of section.matchAll(/^```yaml\n# (\S+)\n([\s\S]*?)^```/gm))
    await writeFile(join(dir, path), text);
  await mkdir(join(dir, 'node_modules/.bin'), { recursive: true });
  await symlink(resolve(root, 'bootstrap/planyard.mjs'), join(dir, 'node_modules/.bin/planyard'));

  const postgresUrl = inject('postgresUrl');
  const shop = await openTestDatabase(postgresUrl, { migrated: false });
  onTestFinished(() => shop.close());
  await sql`create table visits (id int primary key, visited_on date)`.execute(shop.db);
  const args = { ci_ids: 'orders-db', metric: 'cpu_usage' };
  const plan = { intent: 'load', steps: [{ id: 'load', tool: 'metric.aggregate', args }] };
  const server = await startModelServer([
    { when: 'You answer a question', replies: [textReply('It is half full [1.load].')] },
    { when: 'You plan how to answer', replies: [textReply(JSON.stringify(plan))] },
  ]);
  onTestFinished(() => server.close());
  const house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl,
    secrets: { SHOP_URL: shop.url },
    env: {
      PLANYARD_NAMESPACE: 'readme',
      PLANYARD_PROMPTS: join(dir, 'prompts'),
      PLANYARD_COMPOSITIONS: join(dir, 'compositions'),
      PLANYARD_CONFIG: join(dir, 'planyard.yaml'),
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-readme',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
    },
  });
  onTestFinished(() => house.close());
  await loadSampleInventory(house.db, { tenant: 'default', now: new Date(), seed: 7 });
  await expect
    .poll(async () => (await house.client.catalog.list()).sources)
    .toMatchObject([{ state: 'fresh' }]);

  const env = inheritedEnv({ PLANYARD_URL: house.url, PLANYARD_API_KEY: house.key });
  const said: string[] = [];
  for (const [, commands = ''] of section.matchAll(/^```sh\n([\s\S]*?)^```/gm))
    said.push((await promisify(execFile)('sh', ['-ec', commands], { cwd: dir, env })).stdout);
  const [asked = '', ran = ''] = said;
  const told = 'Give each figure with its unit; say what is full first.';
  expect(asked).toContain(told);
  expect(asked).toContain('It is half full [1.load].');
  const run = (await house.client.runs.list()).data.find(({ question }) => question.startsWith('How loaded'));
  expect(await house.client.runs.get(run?.id ?? '')).toMatchObject({
    status: 'completed',
    agent: 'capacity',
    prompts: expect.arrayContaining([{ name: 'plan', version: '1' }]),
  });
  expect(server.requests.filter(({ prompt }) => prompt.includes(told))).toHaveLength(2);
  expect(JSON.parse(ran.slice(0, ran.indexOf('\n}\n') + 2))).toMatchObject({
    primary: { item: { code: 'orders-db' } },
    enriched: { events: { events: expect.arrayContaining([expect.objectContaining({ type: 'incident' })]) } },
    metadata: { errors: [] },
  });
  expect(ran).toMatch(/^shop: public\.visits +2$/m);
});
