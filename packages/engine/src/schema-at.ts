import type { JsonObject } from '@planyard/contracts';

type Schema = Record<string, unknown> | boolean | undefined;
export type JsonPath = readonly (string | number)[];

/** Whether a JSON Schema lets the value at `path` be null; what no schema describes may not be. */
export function allowsNull(root: JsonObject, path: JsonPath): boolean {
  return nullable(root, subschema(root, root, path));
}

/** Whether the object that holds the last key of `path` can do without it. */
export function isOptional(root: JsonObject, path: JsonPath): boolean {
  const key = path.at(-1);
  if (typeof key !== 'string') return false;
  const parent = subschema(root, root, path.slice(0, -1));
  if (parent === undefined || typeof parent === 'boolean') return true;
  return !(Array.isArray(parent.required) && parent.required.includes(key));
}

function subschema(root: JsonObject, schema: Schema, path: JsonPath): Schema {
  const here = follow(root, schema);
  if (path.length === 0 || here === undefined || typeof here === 'boolean') return here;
  const [key, ...rest] = path;
  for (const branch of branches(here)) {
    const found = subschema(root, branch, path);
    if (found !== undefined) return found;
  }
  if (typeof key === 'number') return subschema(root, here.items as Schema, rest);
  const properties = here.properties as Record<string, Schema> | undefined;
  const property =
    properties && Object.hasOwn(properties, key as string) ? properties[key as string] : undefined;
  return subschema(root, property ?? (here.additionalProperties as Schema), rest);
}

function nullable(root: JsonObject, schema: Schema): boolean {
  const here = follow(root, schema);
  if (here === undefined) return false;
  if (typeof here === 'boolean') return here;
  if (Object.keys(here).every((key) => key === 'description' || key === 'title')) return true;
  if (here.type === 'null' || (Array.isArray(here.type) && here.type.includes('null'))) return true;
  if (here.const === null || (Array.isArray(here.enum) && here.enum.includes(null))) return true;
  return branches(here).some((branch) => nullable(root, branch));
}

function branches(schema: Record<string, unknown>): Schema[] {
  return [schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? (list as Schema[]) : []));
}

/** Resolves `#/$defs/…`; zod writes such references for schemas that it uses twice. */
function follow(root: JsonObject, schema: Schema): Schema {
  if (schema === undefined || typeof schema === 'boolean' || typeof schema.$ref !== 'string') return schema;
  const keys = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean);
  return keys.reduce<unknown>(
    (node, key) => (node as Record<string, unknown> | undefined)?.[key],
    root,
  ) as Schema;
}
