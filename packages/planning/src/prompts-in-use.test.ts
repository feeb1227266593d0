import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROMPTS_IN_USE } from './prompts-in-use.ts';

const root = new URL('../../../', import.meta.url);
const planner = new URL('services/planner/src/', root);
const inUse = Object.keys(PROMPTS_IN_USE);

test('every prompt that the planner renders by its name must be there', () => {
  const rendered = readdirSync(planner, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [
      ...readFileSync(new URL(path, planner), 'utf8').matchAll(/\brender\(\s*['"`]([\w/-]+)/g),
    ])
    .map(([, name]) => name);
  expect(rendered.length).toBeGreaterThan(15);
  expect(rendered.filter((name) => !inUse.includes(name ?? ''))).toEqual([]);
});

test('docs/prompts.md tells what each of them is for', () => {
  const doc = readFileSync(new URL('docs/prompts.md', root), 'utf8');
  const rows = doc.split('\n').filter((line) => line.startsWith('| `'));
  const told = (name: string) => rows.some((row) => row.includes(`\`${name}\``));
  expect(inUse.filter((name) => !told(name.replace(/^agents\/.*/, 'agents/…')))).toEqual([]);
});
