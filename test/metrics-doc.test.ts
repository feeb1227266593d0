import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const METRIC = /'((?:planyard|llm)_[a-z_]+)'/g;

async function registered(): Promise<string[]> {
  const files = glob('{packages,services}/*/src/**/*.ts', {
    cwd: root,
    exclude: (path) => path.endsWith('.test.ts') || path.includes('/testing'),
  });
  const names = new Set<string>();
  for await (const file of files)
    for (const [, name = ''] of readFileSync(resolve(root, file), 'utf8').matchAll(METRIC)) names.add(name);
  return [...names].sort();
}

it('the documents name every metric, and no other', async () => {
  const documents = ['operations.md', 'models.md', 'planner.md', 'prompts.md', 'compositions.md'];
  const text = documents.map((name) => readFileSync(resolve(root, 'docs', name), 'utf8')).join('\n');
  const named = new Set([...text.matchAll(/\b((?:planyard|llm)_[a-z_]+[a-z])\b/g)].map(([, name]) => name));
  const metrics = await registered();
  expect(metrics.length).toBeGreaterThan(30);
  expect([...named].sort()).toEqual(metrics);
});
