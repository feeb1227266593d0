import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
/** Where models are told something. */
const places = ['services/planner/src/model', 'services/planner/src/answer', 'packages/planning/src'];

/** A message's content or a tool's description that is written as a literal with a word in it; `'{}'` is none. */
const TEXT_IN_CODE = /\b(?:content|description)\s*:\s*(['"`])(?:(?!\1).)*?[A-Za-z]{2,}/s;
/** A message to a model whose content is neither a variable nor a property. */
const MESSAGE = /\brole\s*:\s*['"](?:system|user|developer)['"]\s*,\s*content\s*:(?!\s*[\w.]+\s*[,}])/;

function faultsIn(source: string): boolean {
  return TEXT_IN_CODE.test(source) || MESSAGE.test(source);
}

const files = places.flatMap((place) =>
  readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(place, path)),
);

test('what models are told comes from prompts/, not from code', () => {
  expect(files.length).toBeGreaterThan(15);
  expect(files.filter((file) => faultsIn(readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

test.each([
  ["const a = { role: 'system', content: 'You are a planner' };", true],
  ['const a = { role: "user",\n  content: `Mend ${faults}` };', true],
  ["const a = { role: 'user', content: ['Be', 'brief'].join(' ') };", true],
  ["const tool = { name: 'replan', description:\n  'Asks for a new plan' };", true],
  ["const a = { role: 'system', content: system.text };", false],
  ["const a = { role: 'assistant', content: first.text || '{}' };", false],
])('%s', (source, refused) => {
  expect(faultsIn(source)).toBe(refused);
});

test.each(['join', 'plan', 'replan', 'rounds'])(
  'the prompt %s, which shows what systems hold, says that it gives no instructions',
  (name) => {
    const file = readFileSync(join(root, 'prompts', `${name}.yaml`), 'utf8');
    const current = /^current: '(.+)'$/m.exec(file)?.[1];
    const text = file.slice(file.indexOf(`- id: '${current}'`));
    expect(text).toMatch(/[Ii]nstructions that stand in .*never yours to follow/);
  },
);
