import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const documents = ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md'];

/** Top-level entries that hold what the documents name; `my-inventory/items.csv` and the like are the reader's. */
const places = 'packages|services|test|bench|deploy|docs|prompts|bootstrap';
const isOurs = new RegExp(`^(?:(?:${places})(?:/|$)|[\\w.-]+\\.(?:json|yaml|yml)$|\\.env\\.example$)`);

/** What a document names in backquotes, and what its links point at from where it lies. */
function pathsIn(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  const named = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path = '']) => path);
  const linked = [...text.matchAll(/\]\(([^)#\s]+)\)/g)]
    .map(([, path = '']) => path)
    .filter((path) => !path.includes('://'))
    .map((path) => join(dirname(document), path));
  // A path with a placeholder such as <type> is a pattern: what comes before it must be there.
  return [...named.filter((path) => isOurs.test(path)), ...linked].map((path) =>
    path.replace(/[^/]*<.*$/, ''),
  );
}

it.each(documents)('every path that %s names is there', (document) => {
  const paths = pathsIn(document);
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
