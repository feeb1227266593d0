import { type JsonObject, ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { createDigester } from './choose-tools.ts';
import { digestTool } from './tool-digest.ts';

function tool(name: string, more: Partial<ToolManifest> = {}): ToolManifest {
  return ToolManifest.parse({
    name,
    description: 'Hands a case over. More is said elsewhere.',
    input_schema: {},
    output_schema: {},
    effects: 'read',
    idempotent: true,
    timeout_ms: 1_000,
    profile: { accuracy: 1, complexity: 'low' },
    ...more,
  });
}

const object = (properties: JsonObject, required: string[] = []): JsonObject => ({
  type: 'object',
  properties,
  required,
});

test('a line tells arguments, required ones first, and the result', () => {
  const input_schema = object(
    { note: { type: 'string' }, id: { type: 'integer' }, on: { type: 'string', format: 'date' } },
    ['id'],
  );
  const output_schema = object({
    status: { enum: ['open', 'closed'] },
    rows: { type: 'array', items: object({ at: { type: 'number' }, name: { type: 'string' } }) },
  });
  expect(digestTool(tool('desk.assign', { input_schema, output_schema, effects: 'write' }), 'full')).toBe(
    'desk.assign(id: int, note?, on?: date) -> {status: open|closed, rows: [{at: num, name}]} [writes]: Hands a case over.',
  );
});

test.each<[string, JsonObject, string]>([
  [
    'a reference',
    { ...object({ who: { $ref: '#/$defs/user' } }), $defs: { user: object({ id: {} }) } },
    'who?: {id}',
  ],
  [
    'a reference to itself ends',
    { $ref: '#/$defs/node', $defs: { node: object({ next: { $ref: '#/$defs/node' } }) } },
    'next?: {next: {next: {next: {…}}}}',
  ],
  [
    'alternatives: the first that is not null',
    object({ of: { anyOf: [{ type: 'null' }, { type: 'array', items: { type: 'integer' } }] } }),
    'of?: [int]',
  ],
  [
    'parts together',
    { allOf: [object({ a: {} }, ['a']), object({ b: { type: 'boolean' } })] },
    'a, b?: bool',
  ],
  ['a reference that leads nowhere', object({ a: { $ref: '#/$defs/none' } }), 'a?'],
  ['a constant', object({ kind: { const: 'x' } }), 'kind?: "x"'],
])('%s', (_name, input_schema, told) => {
  expect(digestTool(tool('a.b', { input_schema, description: '' }), 'full')).toBe(`a.b(${told})`);
});

test('a brief line leaves optional fields out, never a required argument', () => {
  const fields = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}`, {}]));
  const all = tool('a.b', { input_schema: object(fields, Object.keys(fields)), description: '' });
  const some = tool('a.b', { input_schema: object(fields), description: '' });
  expect(digestTool(all, 'brief')).toContain('f39');
  expect(digestTool(some, 'brief')).toMatch(/f9\?, …\)$/);
});

test('chosen are the first that fit; those that must be in are, whatever they take', async () => {
  const counted: string[] = [];
  const digester = createDigester(async (text) => {
    counted.push(text);
    return 9;
  });
  const tools = Array.from({ length: 30 }, (_, at) => tool(`a.t${at}`));
  const { tools: chosen, tokens } = await digester.choose(tools, 50);
  expect(chosen.map(({ name }) => name)).toEqual(['a.t0', 'a.t1', 'a.t2', 'a.t3', 'a.t4']);
  expect(tokens).toBe(50);
  expect((await digester.choose(tools, 0, 2)).tools).toHaveLength(2);
  // Lines are counted once for as long as their manifests live.
  const before = counted.length;
  await digester.choose(tools, 50);
  expect(counted).toHaveLength(before);
});

test('a short line leaves out a description that repeats the name', () => {
  const remove = tool('shop.delete_coupon', { description: 'Permanently deletes a coupon.' });
  expect(digestTool(remove, 'brief')).toBe('shop.delete_coupon()');
  expect(digestTool(remove, 'full')).toBe('shop.delete_coupon(): Permanently deletes a coupon.');
  const order = tool('shop.delete_order', { description: 'Deletes what was never paid.' });
  expect(digestTool(order, 'brief')).toContain('never paid');
});

test('lines far down are short, so that more tools are told', async () => {
  const fields = Object.fromEntries(['id', 'size', 'color', 'weight', 'price'].map((name) => [name, {}]));
  const tools = Array.from({ length: 400 }, (_, at) => tool(`a.t${at}`, { input_schema: object(fields) }));
  const { text, tools: told } = await createDigester(async (line) => line.length).choose(tools, 8_000);
  const lines = text.split('\n');
  expect(lines[20]).toContain('price?');
  expect(lines.at(-1)).toMatch(/\(id\?, size\?, color\?, …\)/);
  expect(lines).toHaveLength(told.length);
});

test('few tools are told with what each argument is, where that fits', async () => {
  const input_schema = object({ id: { type: 'integer', description: 'Number of the case.' }, note: {} });
  const few = [tool('a.b', { input_schema, description: 'Opens' }), tool('a.c', { description: '' })];
  const { text } = await createDigester(async () => 5).choose(few, 12);
  expect(text).toBe('a.b(id?: int, note?): Opens\n  id: Number of the case.\na.c()');
  expect((await createDigester(async () => 6).choose(few, 14)).text).toContain('\n  id:');
  expect((await createDigester(async (line) => (line.includes('\n') ? 20 : 5)).choose(few, 14)).text).toBe(
    'a.b(id?: int, note?): Opens\na.c()',
  );
});
