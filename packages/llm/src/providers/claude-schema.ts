import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type { Json, JsonObject } from '@planyard/contracts';
import type { OutputSpec, ToolSpec } from '../contract.ts';
import { ModelError } from '../model-error.ts';
import type { ClaudeTraits } from './claude.ts';

/** Whether a model of those traits keeps to an output's schema by itself. */
export function keepsTo(traits: ClaudeTraits, output: OutputSpec | undefined): boolean {
  return traits.output && (!output || claudeHolds(output.schema));
}

/** The input of a tool, strict where that is asked for and the model can: then it has a schema of structured outputs. */
export function claudeInput(
  { parameters, strict }: ToolSpec,
  traits: ClaudeTraits,
): { schema: JsonObject & { type: 'object' }; strict?: true } {
  const schema = { ...parameters, type: 'object' as const };
  if (!strict || !traits.output || !claudeHolds(schema)) return { schema };
  return { schema: { ...claudeSchema(schema), type: 'object' }, strict: true };
}

/** The schema as Claude's structured outputs take it; what they do not know goes into descriptions. Throws `bad_request` for a schema that they cannot take at all. */
export function claudeSchema(schema: JsonObject): JsonObject {
  try {
    return transformJSONSchema(schema) as JsonObject;
  } catch (cause) {
    throw new ModelError('bad_request', 'the output schema is not one that Claude takes', { cause });
  }
}

/**
 * Whether Claude's structured outputs can say what the schema says. They know objects whose keys are all named, a type
 * everywhere, and nothing that holds itself; of any other object `{}` alone would be left, which fits, and is no answer.
 */
function claudeHolds(schema: JsonObject): boolean {
  const definitions = isObject(schema.$defs) ? schema.$defs : {};
  /** Whether each definition can be said; false while it is looked at, which is what one that holds itself meets. */
  const refs = new Map<string, boolean>();

  function holds(node: Json | undefined): boolean {
    if (!isObject(node)) return false;
    if (typeof node.$ref === 'string') return holdsRef(node.$ref);
    const { type, anyOf, oneOf, allOf, items } = node;
    if (type === 'object' && !isClosed(node)) return false;
    if (type === 'array' && !holds(items)) return false;
    if (Array.isArray(type) && (type.includes('object') || type.includes('array'))) return false;
    // Closed objects have nothing in common.
    if (Array.isArray(allOf) && allOf.length > 1) return false;
    const variants = [anyOf, oneOf, allOf].find(Array.isArray);
    if (variants) return variants.every(holds);
    return type !== undefined || node.enum !== undefined || node.const !== undefined;
  }

  function isClosed({ properties, additionalProperties: more, patternProperties }: JsonObject): boolean {
    const named = isObject(properties) ? Object.values(properties) : [];
    const mayHaveMore = more === undefined ? named.length === 0 : more !== false;
    return !mayHaveMore && patternProperties === undefined && named.every(holds);
  }

  function holdsRef(ref: string): boolean {
    const known = refs.get(ref);
    if (known !== undefined) return known;
    refs.set(ref, false);
    const name = /^#\/\$defs\/([^/~%]+)$/.exec(ref)?.[1];
    const held = name !== undefined && holds(definitions[name]);
    refs.set(ref, held);
    return held;
  }

  return holds(schema) && Object.keys(definitions).every((name) => holdsRef(`#/$defs/${name}`));
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
