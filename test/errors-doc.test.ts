import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '@planyard/contracts';
import { expect, it } from 'vitest';

const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
const sections = new Map(
  [...text.matchAll(/^### (\w+)\n\n([\s\S]*?)(?=\n##|$(?![\s\S]))/gm)].map(([, code = '', body = '']) => [
    code,
    body,
  ]),
);

it('docs/errors.md lists every code, and no other', () => {
  expect([...sections.keys()].sort()).toEqual(Object.keys(ERROR_CODES).sort());
});

it.each(Object.entries(ERROR_CODES))('docs/errors.md says of %s what the catalogue says', (code, info) => {
  const again = info.retryable ? ', the same call may succeed later' : '';
  expect(sections.get(code)).toContain(`${info.status}${again}. ${info.title}. ${info.advice}`);
});

it('docs/errors.md speaks of no code that is not there', () => {
  const table = text.slice(text.indexOf('## What you see'), text.indexOf('\n## At the door'));
  const named = [...table.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code]) => code);
  expect(named.filter((code) => code !== undefined && !(code in ERROR_CODES))).toEqual([]);
});
