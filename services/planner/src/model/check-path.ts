import { compile } from '@jmespath-community/jmespath';
import type { JsonObject } from '@planyard/contracts';
import { nearestOf } from './nearest.ts';
import type { LocatedFault } from './plan-fault.ts';

type Node = ReturnType<typeof compile>;
type Schema = Record<string, unknown>;

/** A schema that says nothing: whatever is read of it is left to binding. */
const ANY: Schema = {};

/**
 * The first field a JMESPath reads that no result of this JSON Schema can have; null where all may be there.
 * Fields, indexes and projections are followed; what functions, pipes and other expressions read is left to binding.
 */
export function missingField(path: string, root: JsonObject): Omit<LocatedFault, 'path'> | null {
  let missing: Omit<LocatedFault, 'path'> | null = null;

  /** What a node may read of values that have one of these schemas. */
  function read(node: Node, from: Schema[]): Schema[] {
    switch (node.type) {
      case 'Identity':
      case 'Current':
        return from;
      case 'Field':
        return fieldOf(from, node.name);
      case 'Subexpression':
        return read(node.right, read(node.left, from));
      case 'IndexExpression': {
        const list = read(node.left, from);
        return node.right.type === 'Index' ? itemsOf(list) : list;
      }
      case 'Flatten': {
        const items = itemsOf(read(node.child, from)).flatMap((each) => alternatives(each));
        return [listOf(items.flatMap((each) => (isList(each) ? itemsOf([each]) : [each])))];
      }
      case 'Projection':
      case 'FilterProjection':
        return [listOf(read(node.right, itemsOf(read(node.left, from))))];
      default:
        return [ANY];
    }
  }

  function fieldOf(from: Schema[], name: string): Schema[] {
    const schemas = from.flatMap((each) => alternatives(each));
    const found = schemas.flatMap((schema) => propertyOf(schema, name));
    if (found.length === 0 && schemas.length > 0)
      missing ??= {
        expected: schemas.some(isList)
          ? `[] or an index before ${name}, in the result`
          : `one of the fields ${fieldsOf(schemas).join(', ')} in the result`,
        got: `${path}: there is no ${name}`,
        nearest: nearestOf(name, fieldsOf(schemas)),
      };
    return found.length > 0 ? found : [ANY];
  }

  function itemsOf(from: Schema[]): Schema[] {
    return from
      .flatMap((each) => alternatives(each))
      .flatMap((schema) => (isList(schema) && isSchema(schema.items) ? [schema.items] : [ANY]));
  }

  /** The schemas that one stands for, without references and unions. */
  function alternatives(schema: Schema, seen: readonly Schema[] = []): Schema[] {
    if (seen.includes(schema) || schema.allOf !== undefined) return [ANY];
    if (typeof schema.$ref === 'string') {
      const keys = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean);
      const target = keys.reduce<unknown>((at, key) => (isSchema(at) ? at[key] : undefined), root);
      return isSchema(target) ? alternatives(target, [...seen, schema]) : [ANY];
    }
    const union = schema.anyOf ?? schema.oneOf;
    if (!Array.isArray(union)) return [schema];
    return union.flatMap((each) => alternatives(isSchema(each) ? each : ANY, [...seen, schema]));
  }

  read(compile(path), [root]);
  return missing;
}

/** The schema of a property; none where the schema is closed and does not have it. */
function propertyOf(schema: Schema, name: string): Schema[] {
  if (schema.type !== undefined && schema.type !== 'object') return Array.isArray(schema.type) ? [ANY] : [];
  const properties = isSchema(schema.properties) ? schema.properties : {};
  if (Object.hasOwn(properties, name)) return [isSchema(properties[name]) ? properties[name] : ANY];
  if (schema.additionalProperties === false && schema.patternProperties === undefined) return [];
  return [isSchema(schema.additionalProperties) ? schema.additionalProperties : ANY];
}

function fieldsOf(schemas: Schema[]): string[] {
  return [
    ...new Set(schemas.flatMap(({ properties }) => (isSchema(properties) ? Object.keys(properties) : []))),
  ];
}

function isList(schema: Schema): boolean {
  return schema.type === 'array';
}

function listOf(items: Schema[]): Schema {
  return { type: 'array', items: { anyOf: items } };
}

function isSchema(value: unknown): value is Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
