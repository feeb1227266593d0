import { type CompositionParameter, isReference, Json, JsonObject, LIMITS } from '@planyard/contracts';
import { z } from 'zod';

/** What a composition's parameters must be; those with a default may be left out. */
export function parametersSchema(parameters: Record<string, CompositionParameter>): z.ZodObject {
  return z.strictObject(
    Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => {
        const schema = schemaOf(parameter).describe(parameter.description);
        return [name, parameter.default === undefined ? schema : schema.default(parameter.default)];
      }),
    ),
  );
}

function schemaOf({ type, enum: values }: CompositionParameter): z.ZodType {
  if (values) return z.enum(values as [string, ...string[]]);
  switch (type) {
    case 'string':
      return z.string().max(LIMITS.question_chars);
    case 'number':
      return z.number();
    case 'integer':
      return z.int();
    case 'boolean':
      return z.boolean();
    case 'array':
      return z.array(Json).refine(isLiteral, NO_REFERENCE);
    case 'object':
      return JsonObject.refine(isLiteral, NO_REFERENCE);
  }
}

const NO_REFERENCE = 'values only: there is no other step that a reference could read';

function isLiteral(value: Json): boolean {
  if (value === null || typeof value !== 'object') return true;
  return !isReference(value) && Object.values(value).every(isLiteral);
}
