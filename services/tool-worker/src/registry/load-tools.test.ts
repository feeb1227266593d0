import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { loadTools } from './load-tools.ts';

// Beside the sources, so that the files find their packages.
const root = mkdtempSync(join(import.meta.dirname, '.tools-'));
afterAll(() => rmSync(root, { recursive: true }));

function directory(files: Record<string, string>): URL {
  const dir = mkdtempSync(join(root, 'dir-'));
  mkdirSync(join(dir, 'my'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'my', name), text);
  return pathToFileURL(`${dir}/`);
}

const toolFile = (name: string, rest = '') => `
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';
export const tool = defineTool({
  name: '${name}', description: 'd', input: z.strictObject({}), output: z.object({}), effects: 'read', idempotent: true,
  profile: { accuracy: 1, complexity: 'low' }, execute: async () => ({}), ${rest}
});`;

it('offers a tool for each file, and nothing for tests', async () => {
  const tools = await loadTools(directory({ 'do-it.ts': toolFile('my.do_it'), 'do-it.test.ts': 'throw 1;' }));
  expect([...tools.keys()]).toEqual(['my.do_it']);
});

it.each([
  ['a wrong name', toolFile('my.other'), /its tool is named "my.other", by its place it should be "my.bad"/],
  ['a name that is none', toolFile('Bad Name'), /"Bad Name": a tool is named type.operation/],
  ['no tool', 'export const other = 1;', /exports no `tool`/],
  ['a syntax error', 'export const = 1;', /cannot be loaded/],
  [
    'a cache on a tool that writes',
    toolFile('my.bad', "effects: 'write', cache: { ttl_s: 1 }"),
    /cannot be cached/,
  ],
  [
    'a timeout that no timer holds',
    toolFile('my.bad', 'timeout_ms: 2 ** 31'),
    /my.bad: timeout_ms: .*3600000/,
  ],
  ['no time at all', toolFile('my.bad', 'timeout_ms: 0'), /my.bad: timeout_ms: /],
  [
    'no tries, and no room',
    toolFile('my.bad', 'max_tries: 0, max_in_flight: 0'),
    /max_tries: .*; max_in_flight: /,
  ],
])('refuses %s, loudly', async (_what, text, message) => {
  await expect(loadTools(directory({ 'bad.ts': text }))).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(message),
  });
});
