import type { JsonObject } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { claudeTraits } from './claude.ts';
import { claudeInput, keepsTo } from './claude-schema.ts';

const HAIKU = claudeTraits('claude-haiku-4-5');
const text = { type: 'string' };
const record = (properties: JsonObject, more: JsonObject = {}) => ({ type: 'object', properties, ...more });
const keeps = (schema: JsonObject) => keepsTo(HAIKU, { name: 'x', schema });

test.each<[what: string, schema: JsonObject]>([
  ['named keys', record({ a: text }, { required: ['a'], additionalProperties: false })],
  ['named keys that do not say they are all', record({ a: text })],
  ['nothing at all', record({}, { additionalProperties: false })],
  ['what may be null', record({ a: { type: ['string', 'null'] }, b: { anyOf: [text, { type: 'null' }] } })],
  ['lists of records', record({ a: { type: 'array', items: record({ b: { enum: ['x', 1] } }) } })],
  [
    'definitions, one used twice',
    {
      ...record({ a: { $ref: '#/$defs/city' }, b: { $ref: '#/$defs/city' } }),
      $defs: { city: record({ a: text }) },
    },
  ],
])('Claude keeps to a schema of %s by itself', (_what, schema) => {
  expect(keeps(schema)).toBe(true);
});

test.each<[what: string, schema: JsonObject]>([
  ['any object', { type: 'object' }],
  ['any object within', record({ a: record({}) })],
  ['keys of any name', record({}, { additionalProperties: { type: 'number' } })],
  ['more keys than the named ones', record({ a: text }, { additionalProperties: true })],
  ['anything', record({ a: {} })],
  ['any list', record({ a: { type: 'array' } })],
  ['a tuple', record({ a: { type: 'array', prefixItems: [text, text] } })],
  ['a record or null, as one type', record({ a: { ...record({ b: text }), type: ['object', 'null'] } })],
  ['two records at once', record({ a: { allOf: [record({ b: text }), record({ c: text })] } })],
  ['a list of itself', record({ a: { type: 'array', items: { $ref: '#' } } })],
  [
    'a definition of itself',
    {
      ...record({ a: { $ref: '#/$defs/tree' } }),
      $defs: { tree: record({ a: { type: 'array', items: { $ref: '#/$defs/tree' } } }) },
    },
  ],
  ['definitions of draft 7', { ...record({ a: { $ref: '#/definitions/b' } }), definitions: { b: text } }],
])('and is held to one of %s in another way, since it would be left with less', (_what, schema) => {
  expect(keeps(schema)).toBe(false);
});

test('definitions that name each other many times over are looked at once', () => {
  const names = Array.from({ length: 60 }, (_, at) => `d${at}`);
  const twice = (name: string) => record({ a: { $ref: `#/$defs/${name}` }, b: { $ref: `#/$defs/${name}` } });
  const $defs = Object.fromEntries(
    names.map((name, at) => [name, at < 59 ? twice(`d${at + 1}`) : record({ a: text })]),
  );
  expect(keeps({ ...twice('d0'), $defs })).toBe(true);
});

test('a strict tool has a schema of structured outputs, or is not strict', () => {
  const tool = (parameters: JsonObject) => ({ name: 'a', description: '', parameters, strict: true });
  const list = record({ a: { type: 'array', items: text, maxItems: 3 } });
  expect(claudeInput(tool(list), HAIKU)).toEqual({
    strict: true,
    schema: record(
      { a: { type: 'array', items: text, description: '{maxItems: 3}' } },
      { additionalProperties: false },
    ),
  });
  const open = record({}, { additionalProperties: text });
  expect(claudeInput(tool(open), HAIKU)).toEqual({ schema: open });
  expect(claudeInput(tool(list), claudeTraits('claude-3-5-haiku-20241022'))).toEqual({ schema: list });
});
