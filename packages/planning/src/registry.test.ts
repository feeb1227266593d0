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
