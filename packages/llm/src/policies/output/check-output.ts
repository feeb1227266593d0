import type { JsonObject } from '@planyard/contracts';
import { Ajv } from 'ajv';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { OutputSpec } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { createBoundedCheck } from './bounded-check.ts';

export interface CheckOutput {
  /** Throws `bad_request` with its place for what is no schema, before a model is asked. */
  prepare(output: OutputSpec): void;
  /** The faults of a text as JSON of that schema; none when it fits. */
  faults(text: string, schema: JsonObject): string[];
}

const KEPT = 100;
const FAULTS = 10;

/** Compiled schemas are kept, the last hundred. */
export function createOutputCheck(): CheckOutput {
  const compiled = new Map<string, ValidateFunction>();
  const bounded = createBoundedCheck();

  function validatorOf(schema: JsonObject): ValidateFunction {
    const key = JSON.stringify(schema);
    const known = compiled.get(key);
    if (known) return known;
    const validate = bounded(() => compile(schema));
    if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value ?? '');
    compiled.set(key, validate);
    return validate;
  }

  return {
    prepare({ schema, path = 'output.schema' }) {
      try {
        validatorOf(schema);
      } catch (cause) {
        const message = `it is no JSON Schema: ${(cause as Error).message}`;
        throw new ModelError('bad_request', `${path}: ${message}`, { cause, errors: [{ path, message }] });
      }
    },
    faults(text, schema) {
      const validate = validatorOf(schema);
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
    },
  };
}

/** By the current dialect, or by draft 7, which older generators of schemas write. One compiler for each: schemas may carry the same $id. Throws what the current one says. */
function compile({ $schema: _dialect, ...schema }: JsonObject): ValidateFunction {
  const options = { strict: false, allErrors: true, validateFormats: false, logger: false } as const;
  try {
    return inOneGo(new Ajv2020(options).compile(schema));
  } catch (error) {
    try {
      return inOneGo(new Ajv(options).compile(schema));
    } catch {
      throw error;
    }
  }
}

/** Ajv has schemas of its own whose check is a promise: nobody would await it, and its rejection would end the process. */
function inOneGo(validate: ValidateFunction): ValidateFunction {
  if ('$async' in validate) throw new Error('$async is no keyword of JSON Schema');
  return validate;
}
