import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
/** Where models are told something. */
const places = [
  ...['agent', 'answer', 'model', 'plan-cache'].map((room) => `services/planner/src/${room}`),
  'packages/planning/src',
  ...['policies', 'providers'].map((room) => `packages/llm/src/${room}`),
];

/** A message's content or a tool's description that is written as a literal with a word in it; `'{}'` is none. */
const TEXT_IN_CODE = /\b(?:content|description)\s*:\s*(['"`])(?:(?!\1).)*?[A-Za-z]{2,}/s;
/** A message to a model whose content is neither a variable nor a property, nor made of these alone. */
const MESSAGE =
  /\brole\s*:\s*['"](?:system|user|developer)['"]\s*,\s*content\s*:(?!\s*[\w.]+(?:\([^'"`]*?\))?\s*[,}])/;

function faultsIn(source: string): boolean {
  // What joins texts is none.
  const told = source.replaceAll(/'(?:\\n)+'/g, 'LINES');
  return TEXT_IN_CODE.test(told) || MESSAGE.test(told);
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

/** What puts values into prompts: it names and marks them, and makes no sentences. */
const values = ['catalog-view', 'describe-hints', 'describe-limits', 'digest', 'join-tools', 'tool-view'];
const SENTENCE = /(['"`])(?:(?!\1).)*?[A-Za-z]+,? [a-z]+,? [a-z]+(?:(?!\1).)*?\1/;

test.each(values)('services/planner/src/model/%s.ts holds no sentence', (name) => {
  const source = readFileSync(join(root, 'services/planner/src/model', `${name}.ts`), 'utf8');
  const lines = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').split('\n');
  expect(lines.filter((line) => SENTENCE.test(line))).toEqual([]);
});

test.each([
  ["const a = { role: 'system', content: 'You are a planner' };", true],
  ['const a = { role: "user",\n  content: `Mend ${faults}` };', true],
  ["const a = { role: 'user', content: ['Be', 'brief'].join(' ') };", true],
  ["const tool = { name: 'replan', description:\n  'Asks for a new plan' };", true],
  ["const a = { role: 'user', content: said('Be brief') };", true],
  ["const a = { role: 'system', content: system.text };", false],
  ["const a = { role: 'user', content: toParts(message.content) };", false],
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
