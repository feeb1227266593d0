import type { Json, JsonObject, ToolManifest } from '@planyard/contracts';

/** The words of a tool by where they stand. */
export interface ToolText {
  name: string;
  description: string;
  /** Names of arguments. */
  args: string;
  /** Descriptions and values of arguments. */
  arg_texts: string;
  /** Names of the result's fields. */
  result: string;
  /** Descriptions and values of the result's fields. */
  result_texts: string;
}

/** A schema that goes deeper, or refers to itself, tells nothing more about what the tool is for. */
const MAX_DEPTH = 6;
const BRANCHES = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const;

/** What a manifest says in words. */
export function textOfTool(tool: ToolManifest): ToolText {
  const args = wordsOfSchema(tool.input_schema);
  const result = wordsOfSchema(tool.output_schema);
  return {
    name: tool.name,
    description: tool.description,
    args: args.names.join(' '),
    arg_texts: args.texts.join(' '),
    result: result.names.join(' '),
    result_texts: result.texts.join(' '),
  };
}

function wordsOfSchema(root: JsonObject): { names: string[]; texts: string[] } {
  const names: string[] = [];
  const texts: string[] = [];
  walk(root, 0);
  return { names, texts };

  function walk(value: Json | undefined, depth: number): void {
    const schema = resolveRef(root, value);
    if (schema === null || depth > MAX_DEPTH) return;
    for (const key of ['title', 'description'] as const)
      if (typeof schema[key] === 'string') texts.push(schema[key]);
    if (Array.isArray(schema.enum))
      texts.push(schema.enum.filter((each) => typeof each === 'string').join(' '));
    if (isObject(schema.properties))
      for (const [name, property] of Object.entries(schema.properties)) {
        names.push(name);
        walk(property, depth + 1);
      }
    walk(schema.items, depth + 1);
    walk(schema.additionalProperties, depth + 1);
    for (const key of BRANCHES) {
      const branches = schema[key];
      if (Array.isArray(branches)) for (const branch of branches) walk(branch, depth + 1);
    }
  }
}

/** A schema, or what its `$ref` into the same document names; null for what is none. */
export function resolveRef(root: JsonObject, value: Json | undefined): JsonObject | null {
  let found: Json | undefined = value;
  for (let hops = 0; hops < 8 && isObject(found) && typeof found.$ref === 'string'; hops += 1) {
    if (!found.$ref.startsWith('#/')) return null;
    let at: Json | undefined = root;
    for (const part of found.$ref.slice(2).split('/')) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      at = isObject(at) ? at[key] : undefined;
    }
    found = at;
  }
  return isObject(found) && typeof found.$ref !== 'string' ? found : null;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
