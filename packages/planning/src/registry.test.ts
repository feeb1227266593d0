import { expect, test } from 'vitest';
import { createPromptRegistry } from './registry.ts';

const GREETING = `
name: greeting
description: Greets.
variables:
  who: { type: string, description: whom }
  times: { type: number }
  notes: { type: list }
current: '2'
versions:
  - { id: '1', date: 2026-11-01, content: 'Hello {{who}}' }
  - id: '2'
    date: 2026-11-20
    content: |
      Hello {{ who }}, {{times}} times.
      {{notes}}
`;
const values = { who: 'Ada', times: 2, notes: ['one', 'two'] };

test('renders the current version and names it', () => {
  const registry = createPromptRegistry([{ path: 'greeting.yaml', text: GREETING }]);
  expect(registry.render('greeting', values)).toEqual({
    name: 'greeting',
    version: '2',
    text: 'Hello Ada, 2 times.\n- one\n- two\n',
    label: 'greeting@2',
  });
  expect(registry.render('greeting', values, '1').text).toBe('Hello Ada');
});

test('a value is inserted as it is, even when it looks like a placeholder or a replacement pattern', () => {
  const registry = createPromptRegistry([{ path: 'greeting.yaml', text: GREETING }]);
  expect(registry.render('greeting', { ...values, who: "{{times}} $& $'" }, '1').text).toBe(
    "Hello {{times}} $& $'",
  );
});

test.each([
  [{ who: 'Ada', times: 2 }, 'prompt greeting, version 2: variable notes is missing'],
  [{ ...values, mood: 'x' }, 'prompt greeting, version 2: variable mood is unknown'],
  [{ ...values, times: '2' }, 'prompt greeting, version 2: variable times must be a number, not a string'],
])('refuses %j', (given, message) => {
  const registry = createPromptRegistry([{ path: 'greeting.yaml', text: GREETING }]);
  expect(() => registry.render('greeting', given)).toThrow(message);
});

test.each([
  ['name: [', 'x.yaml is not YAML'],
  [GREETING.replace("current: '2'", "current: '3'"), 'x.yaml is not a prompt'],
  [GREETING.replace('{{notes}}', '{{nots}}'), 'x.yaml is not a prompt'],
  [`${GREETING}\nextra: 1`, 'x.yaml is not a prompt'],
])('refuses a broken file', (text, message) => {
  expect(() => createPromptRegistry([{ path: 'x.yaml', text }])).toThrow(message);
});

test.each(['{{Who}}', '{{user-name}}', '{{ user.name }}', '{{}}', '{{ notes'])(
  'a text with %s in it is refused: it would reach the model as it is written',
  (text) => {
    const broken = GREETING.replace('Hello {{ who }}', `Hello ${text} {{ who }}`);
    expect(() => createPromptRegistry([{ path: 'x.yaml', text: broken }])).toThrow(
      `x.yaml is not a prompt: versions.2: ${text}`,
    );
  },
);

test('braces around a placeholder, and those of JSON, are text', () => {
  const text = GREETING.replace("'Hello {{who}}'", `'{{{who}}} {"a":{"b":1}}'`);
  const registry = createPromptRegistry([{ path: 'greeting.yaml', text }]);
  expect(registry.render('greeting', values, '1').text).toBe('{Ada} {"a":{"b":1}}');
});

test('a variable named constructor is missing like any other', () => {
  const text = GREETING.replaceAll('who', 'constructor');
  const registry = createPromptRegistry([{ path: 'greeting.yaml', text }]);
  expect(() => registry.render('greeting', { times: 2, notes: [] })).toThrow(
    'prompt greeting, version 2: variable constructor is missing',
  );
});

test('a version that is not there is refused by name', () => {
  const registry = createPromptRegistry([{ path: 'greeting.yaml', text: GREETING }]);
  expect(() => registry.render('greeting', values, '3')).toThrow('prompt greeting has no version 3');
});

const FAREWELL = `
name: farewell
description: Leaves.
current: 'a'
versions: [{ id: 'a', date: 2026-11-01, content: Bye }]
`;
const both = [
  { path: 'farewell.yaml', text: FAREWELL },
  { path: 'greeting.yaml', text: GREETING },
];
const farewell = (text: string) => [{ path: 'farewell.yaml', text }];

test('each broken file keeps its own last good version, the others are taken', () => {
  const registry = createPromptRegistry(both);
  registry.update([
    { path: 'farewell.yaml', text: FAREWELL.replace('Bye', 'So long') },
    { path: 'greeting.yaml', text: 'name: [' },
  ]);
  expect(registry.faults()).toEqual([expect.stringContaining('greeting.yaml is not YAML: ')]);
  expect(registry.render('farewell', {}).text).toBe('So long');
  expect(registry.render('greeting', values).label).toBe('greeting@2');
  registry.update(both);
  expect(registry.faults()).toEqual([]);
});

test('a file that is gone takes its prompt with it, unless that is in use', () => {
  const registry = createPromptRegistry(both, { farewell: {} });
  registry.update([]);
  expect(registry.list().map((prompt) => prompt.name)).toEqual(['farewell']);
  expect(registry.faults()).toEqual([
    'farewell.yaml no longer holds the prompt farewell, which is in use as it was',
  ]);
  registry.update([{ path: 'moved.yaml', text: FAREWELL }]);
  expect(registry.faults()).toEqual([]);
});

test('of two files with one name the one that had it keeps it', () => {
  const registry = createPromptRegistry(farewell(FAREWELL));
  registry.update([
    { path: 'another.yaml', text: FAREWELL.replace('Bye', 'Hello') },
    ...farewell(FAREWELL.replace('Bye', 'So long')),
  ]);
  expect(registry.render('farewell', {}).text).toBe('So long');
  expect(registry.faults()).toEqual(['another.yaml: there are two prompts named farewell']);
});

test('a prompt in use must be there, with the variables it is given', () => {
  expect(() => createPromptRegistry([], { farewell: {} })).toThrow('there is no prompt named farewell');
  expect(() => createPromptRegistry(farewell(FAREWELL), { farewell: { who: 'string' } })).toThrow(
    'the variables of farewell must be: who (string); they are: none',
  );
});
