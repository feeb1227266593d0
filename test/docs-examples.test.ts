import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkPath, collectReferences } from '@planyard/engine';
import { startCompositions, startPrompts } from '@planyard/planning';
import { createMetricsRegistry, watchDirectory } from '@planyard/runtime';
import { expect, test } from 'vitest';

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
      const directory = await watchDirectory(resolve(root, 'prompts'), '.yaml', tell);
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
