import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPromptRegistry } from './registry.ts';

const doc = readFileSync(new URL('../../../docs/prompts.md', import.meta.url), 'utf8');

test('the example of docs/prompts.md can be loaded and rendered', () => {
  const text = /^```yaml\n([\s\S]*?)^```/m.exec(doc)?.[1] ?? '';
  const registry = createPromptRegistry([{ path: 'docs/prompts.md', text }]);
  const values = { team: 'the night shift', open: ['db-01', 'mail'], incidents: 2 };
  expect(registry.render('handover', values)).toMatchObject({
    label: 'handover@2',
    text: 'Sum up the shift for the night shift. There were 2 incidents.\nStill open:\n- db-01\n- mail\n',
  });
});

test('its table names each prompt that is there, and no other', () => {
  const [table = ''] = /^\| prompt[\s\S]*?\n\n/m.exec(doc) ?? [];
  const told = table.split('\n').flatMap((line) => line.split('|')[1]?.match(/[\w/…-]+(?=`)/g) ?? []);
  const files = readdirSync(new URL('../../../prompts', import.meta.url), {
    recursive: true,
    encoding: 'utf8',
  });
  const there = files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace(/\.yaml$/, '').replace(/^(agents|blueprints)\/.*/, '$1/…'));
  expect([...new Set(told)].sort()).toEqual([...new Set(there)].sort());
});
