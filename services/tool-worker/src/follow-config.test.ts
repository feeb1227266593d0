import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLogger } from '@planyard/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followConfig } from './follow-config.ts';

const root = resolve(import.meta.dirname, '../../..');
const log = createLogger({ service: 'test', level: 'silent' });
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'planyard-sources-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function read(text: string, secrets: Record<string, string> = {}) {
  await writeFile(join(directory, 'planyard.yaml'), text);
  const followed = await followConfig({ file: undefined, directory, secrets, log });
  followed.close();
  return followed.sources();
}

it('takes the examples of docs/catalogs.md and planyard.example.yaml', async () => {
  const page = await readFile(join(root, 'docs/catalogs.md'), 'utf8');
  const example = /^```yaml\n([\s\S]*?)^```/m.exec(page)?.[1] ?? '';
  const file = await readFile(join(root, 'planyard.example.yaml'), 'utf8');
  for (const text of [example, file])
    expect(await read(text, { ERP_URL: 'postgres://x/y' })).toMatchObject([
      { name: 'erp', url: 'postgres://x/y', config: { schemas: ['sales', 'inventory'] } },
    ]);
});

it.each([
  ['sources: { erp: { kind: oracle } }', 'sources.erp.kind'],
  ['sources: { erp: { kind: postgres, url: "postgres://u:hunter2@h/d" } }', 'sources.erp.url: name where'],
  ['sources: { inventory: { kind: postgres, url: { env: X } } }', 'sources.inventory'],
  ['sources: { erp: { kind: postgres, url: { env: X }, sensitive: [email] } }', 'sources.erp.sensitive[0]'],
  ['providers: {}\nsourcs: {}', 'sourcs'],
  ['budgets: [{ per: key, usd: -1 }]', 'budgets[0].usd'],
  ['sources: [', 'line 1'],
])('refuses %s with its place, and quotes no secret', async (text, place) => {
  const refused = await read(text).catch((error: Error) => error);
  expect(refused).toMatchObject({ code: 'invalid_config', message: expect.stringContaining(place) });
  expect(JSON.stringify(refused)).not.toContain('hunter2');
  expect((refused as Error).message).not.toContain('hunter2');
});

it('keeps a source whose secret is missing, and says where it should be', async () => {
  const text = 'sources: { erp: { kind: postgres, url: { env: ERP_URL } } }';
  expect(await read(text)).toMatchObject([
    { url: null, fault: 'the environment variable ERP_URL is not set' },
  ]);
});
