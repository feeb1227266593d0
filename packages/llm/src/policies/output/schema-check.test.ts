import type { JsonObject } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { createSchemaCheck } from './schema-check.ts';

const check = createSchemaCheck(1_000);

test('a schema whose check would be a promise is none: its rejection would end the process', () => {
  const x = { type: 'number' };
  const schemas: JsonObject[] = [
    { $async: true, type: 'object' },
    { type: 'object', properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { ...x, $async: true } } },
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $async: 'yes',
      $ref: '#/definitions/x',
      definitions: { x },
    },
  ];
  for (const schema of schemas) {
    const text = JSON.stringify(schema);
    expect(() => check(text, null), text).toThrow(/async/);
  }
  expect(check('{"type":"object"}', '1')).toEqual(['(root) must be object']);
});

test('draft 7 is understood, and so are schemas of one $id; what no dialect knows is told', () => {
  const tuple = { $id: 'https://x.y/a', type: 'array', items: [{ type: 'number' }] };
  expect(check(JSON.stringify(tuple), '["a"]')).toEqual(['/0 must be number']);
  const other = { $id: 'https://x.y/a', type: 'array', prefixItems: [{ type: 'string' }] };
  expect(check(JSON.stringify(other), '["a"]')).toEqual([]);
  expect(() => check('{"type":"strange"}', null)).toThrow(
    'schema is invalid: data/type must be equal to one of the allowed values',
  );
});
