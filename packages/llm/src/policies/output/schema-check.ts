import type { JsonObject } from '@planyard/contracts';
import { Ajv, type Options } from 'ajv';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { createBoundedCheck } from './bounded-check.ts';

/** The faults of a text as JSON of a schema, itself given as text; of no text: whether it is a schema. Throws `TooLong`, and what is wrong with a schema that is none. */
export type SchemaCheck = (schema: string, text: string | null) => string[];

/** CPU of one check, far more than any schema of use takes. */
export const MOST_MS = 1_000;
const KEPT = 100;
const FAULTS = 10;
const OPTIONS: Options = { strict: false, allErrors: true, validateFormats: false, logger: false };

/** Each check has `mostMs` of CPU. Compiled schemas are kept, the last hundred. */
export function createSchemaCheck(mostMs: number): SchemaCheck {
  const compiled = new Map<string, ValidateFunction>();
  const bounded = createBoundedCheck(mostMs);
  let compile: ReturnType<typeof createCompiler> | null = null;

  function validatorOf(schema: string): ValidateFunction {
    const known = compiled.get(schema);
    if (known) return known;
    compile ??= createCompiler();
    const asked = compile;
    const validate = bounded(() => asked(JSON.parse(schema)));
    if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value ?? '');
    compiled.set(schema, validate);
    return validate;
  }

  return (schema, text) => {
    const validate = validatorOf(schema);
    if (text === null) return [];
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return [`it is not JSON: ${(error as Error).message}`];
    }
    if (bounded(() => validate(value))) return [];
    return (validate.errors ?? [])
      .slice(0, FAULTS)
      .map(({ instancePath, message }) => `${instancePath || '(root)'} ${message}`);
  };
}

/** By the current dialect, or by draft 7, which older generators of schemas write. Throws what the current one says. */
function createCompiler(): (schema: JsonObject) => ValidateFunction {
  const current = dialect(Ajv2020);
  const older = dialect(Ajv);
  return ({ $schema: _dialect, ...schema }) => {
    try {
      return inOneGo(current(schema));
    } catch (error) {
      try {
        return inOneGo(older(schema));
      } catch {
        throw error;
      }
    }
  };
}

/** One compiler for each schema, since they may carry the same $id. What a schema must be is compiled once: it takes longer than most schemas. */
function dialect(Dialect: typeof Ajv | typeof Ajv2020): (schema: JsonObject) => ValidateFunction {
  const meta = new Dialect(OPTIONS);
  meta.validateSchema({});
  return (schema) => {
    if (!meta.validateSchema(schema))
      throw new Error(`schema is invalid: ${meta.errorsText(meta.errors, { dataVar: 'data' })}`);
    return new Dialect({ ...OPTIONS, validateSchema: false }).compile(schema);
  };
}

/** Ajv has schemas of its own whose check is a promise: nobody would await it, and its rejection would end the process. */
function inOneGo(validate: ValidateFunction): ValidateFunction {
  if ('$async' in validate) throw new Error('$async is no keyword of JSON Schema');
  return validate;
}
