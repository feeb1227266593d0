import { readFileSync } from 'node:fs';
import { matchesGlob, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Of the rules that fit a path at the root the last one decides. */
function isLeftOut(file: string, path: string): boolean {
  const rules = readFileSync(resolve(root, file), 'utf8').split('\n').filter(Boolean);
  const [last] = rules.reverse().filter((rule) => {
    const glob = rule.replace(/^!?\/?|\/$/g, '');
    return matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`);
  });
  return last !== undefined && !last.startsWith('!');
}

test.each(['.gitignore', '.dockerignore'])('%s leaves out what users keep their secrets in', (file) => {
  for (const path of ['.env', '.env.production', 'planyard.yaml', 'secrets/anthropic-key', '.planyard/keys'])
    expect(isLeftOut(file, path), path).toBe(true);
  for (const path of [
    '.env.example',
    'planyard.example.yaml',
    'package.json',
    'services/planner/src/main.ts',
  ])
    expect(isLeftOut(file, path), path).toBe(false);
});
