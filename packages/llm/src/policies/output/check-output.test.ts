import type { JsonObject } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { createOutputCheck } from './check-output.ts';

const { prepare, faults } = createOutputCheck();

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
    const prepared = () => prepare({ name: 'x', schema });
    expect(prepared, JSON.stringify(schema)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
  }
  expect(faults('1', { type: 'object' })).toEqual(['(root) must be object']);
});
