import type { JsonObject } from '@planyard/contracts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ModelError } from '../../model-error.ts';

/** The faults of a text as JSON of that schema; none when it fits. Throws `bad_request` for what is no schema. */
export type CheckOutput = (text: string, schema: JsonObject) => string[];

const KEPT = 100;
const FAULTS = 10;

/** Compiled schemas are kept, the last hundred. */
export function createOutputCheck(): CheckOutput {
  const compiled = new Map<string, ValidateFunction>();

  function validatorOf(schema: JsonObject): ValidateFunction {
    const key = JSON.stringify(schema);
    const known = compiled.get(key);
    if (known) return known;
    // One for each: schemas may carry the same $id.
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    const validate = compile(ajv, schema);
    if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value ?? '');
    compiled.set(key, validate);
    return validate;
  }

  return (text, schema) => {
    const validate = validatorOf(schema);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return [`it is not JSON: ${(error as Error).message}`];
    }
    if (validate(value)) return [];
    return (validate.errors ?? [])
      .slice(0, FAULTS)
      .map(({ instancePath, message }) => `${instancePath || '(root)'} ${message}`);
  };
}

function compile(ajv: Ajv2020, schema: JsonObject): ValidateFunction {
  try {
    const { $schema: _dialect, ...rest } = schema;
    return ajv.compile(rest);
  } catch (cause) {
    throw new ModelError('bad_request', `the output schema is not one: ${(cause as Error).message}`, {
      cause,
    });
  }
}
