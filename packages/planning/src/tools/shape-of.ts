import type { Json, JsonObject } from '@planyard/contracts';
import { isObject, resolveRef } from './tool-text.ts';

/** How much of a schema is told. */
export interface ShapeLimits {
  /** Levels of objects and arrays that are opened. */
  depth: number;
  /** Fields of one object. */
  fields: number;
  /** Values of an enumeration; none is told where it is 0. */
  values: number;
}

/** What stands for types that are not text; text is told by nothing. */
const SHORT_TYPES: Record<string, string> = { integer: 'int', number: 'num', boolean: 'bool', null: 'null' };

/** A schema in few tokens: `{ticket_id: int, tags: [], status: open|closed, …}`; text has no type. Empty for what says nothing. */
export function shapeOf(root: JsonObject, limits: ShapeLimits): string {
  return typeOf(root, root, limits, limits.depth);
}

/** Arguments as a call's signature: required ones first, the others with `?`. */
export function signatureOf(root: JsonObject, limits: ShapeLimits): string {
  const schema = flatten(root, root);
  return schema === null ? '' : fieldsOf(root, schema, limits, limits.depth, true);
}

function typeOf(root: JsonObject, value: Json | undefined, limits: ShapeLimits, depth: number): string {
  const schema = flatten(root, value);
  if (schema === null) return '';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum) && limits.values === 0) return '';
  if (Array.isArray(schema.enum)) return cut(schema.enum.map(String), limits.values).join('|');
  if (isObject(schema.properties)) {
    if (depth <= 0) return '{…}';
    return `{${fieldsOf(root, schema, limits, depth, false)}}`;
  }
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  if (type === 'array' || schema.items !== undefined) {
    if (depth <= 0) return '[]';
    return `[${typeOf(root, schema.items, limits, depth - 1)}]`;
  }
  if (type === 'object') return '{}';
  if (type === 'string') return typeof schema.format === 'string' ? schema.format : '';
  return SHORT_TYPES[String(type)] ?? '';
}

function fieldsOf(
  root: JsonObject,
  schema: JsonObject,
  limits: ShapeLimits,
  depth: number,
  optionals: boolean,
): string {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const entries = Object.entries(isObject(schema.properties) ? schema.properties : {});
  // The sort is stable: within both halves the schema's own order stays.
  if (optionals) entries.sort(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  const told = entries.map(([name, property]) => {
    const type = typeOf(root, property, limits, depth - 1);
    return `${name}${optionals && !required.has(name) ? '?' : ''}${type === '' ? '' : `: ${type}`}`;
  });
  // A required argument that is not told is an invalid call.
  const most = optionals ? Math.max(limits.fields, required.size) : limits.fields;
  return cut(told, most).join(', ');
}

/** A schema without its references and wrappers: of alternatives the first that is not null, of parts all together. */
function flatten(root: JsonObject, value: Json | undefined): JsonObject | null {
  const schema = resolveRef(root, value);
  if (schema === null) return null;
  for (const key of ['anyOf', 'oneOf'] as const) {
    const choices = schema[key];
    if (!Array.isArray(choices) || isObject(schema.properties)) continue;
    const real = choices
      .map((each) => resolveRef(root, each))
      .find((each) => each !== null && each.type !== 'null');
    return real ?? null;
  }
  if (Array.isArray(schema.allOf)) {
    const parts = schema.allOf.map((each) => resolveRef(root, each)).filter((each) => each !== null);
    return {
      ...schema,
      type: 'object',
      properties: Object.assign({}, ...[...parts, schema].map((part) => part.properties ?? {})),
      required: [...parts, schema].flatMap((part) => (Array.isArray(part.required) ? part.required : [])),
    };
  }
  return schema;
}

function cut(parts: string[], most: number): string[] {
  return parts.length <= most ? parts : [...parts.slice(0, most), '…'];
}
