import type { JsonObject, ToolManifest } from '@planyard/contracts';
import { isReference } from '@planyard/contracts';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { nearestOf } from './nearest.ts';
import { type LocatedFault, showValue } from './plan-fault.ts';

export type CheckArgs = (tool: ToolManifest, args: JsonObject) => LocatedFault[];

/** Keywords that judge a value by what lies inside it: with a reference inside, only binding can tell. */
const JUDGE_INSIDE = new Set(['anyOf', 'oneOf', 'not', 'if', 'contains', 'uniqueItems', 'minProperties']);

/** Checks planned arguments against a tool's JSON Schema; values that a reference will bring are skipped. Compiled schemas are kept. */
export function createArgsCheck(): CheckArgs {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, verbose: true });
  const compiled = new Map<string, ValidateFunction>();

  function validatorOf(tool: ToolManifest): ValidateFunction {
    const key = JSON.stringify(tool.input_schema);
    let validate = compiled.get(key);
    if (!validate) {
      // A schema may carry an $id that another one has too; inside this check they are nameless.
      const { $id: _id, ...schema } = tool.input_schema;
      validate = ajv.compile(schema);
      compiled.set(key, validate);
    }
    return validate;
  }

  return (tool, args) => {
    if (isBareQuestion(tool, args)) return [];
    const validate = validatorOf(tool);
    if (validate(args)) return [];
    const unbound = unboundPaths(args, '');
    const errors = withoutBranches(validate.errors ?? []);
    return errors.filter((error) => !comesFromUnbound(error, unbound)).map(toFault);
  };
}

/** A tool that can turn a question into arguments takes the question alone. */
function isBareQuestion(tool: ToolManifest, args: JsonObject): boolean {
  return tool.broad_search && Object.keys(args).length === 1 && typeof args.question === 'string';
}

/** JSON pointers of the values that are known only when the step runs. */
function unboundPaths(value: unknown, at: string): string[] {
  if (typeof value === 'string') return value.includes('${') ? [at] : [];
  if (value === null || typeof value !== 'object') return [];
  if (isReference(value)) return [at];
  return Object.entries(value).flatMap(([key, item]) =>
    unboundPaths(item, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

function comesFromUnbound(error: ErrorObject, unbound: string[]): boolean {
  const at = error.instancePath;
  return unbound.some(
    (path) =>
      at === path ||
      at.startsWith(`${path}/`) ||
      (JUDGE_INSIDE.has(error.keyword) && (at === '' || path.startsWith(`${at}/`))),
  );
}

/** Of the errors of a failed anyOf and of its branches, the anyOf alone. */
function withoutBranches(errors: ErrorObject[]): ErrorObject[] {
  const judged = errors.filter((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf');
  return errors.filter(
    (error) =>
      judged.includes(error) ||
      !judged.some((parent) => error.schemaPath.startsWith(`${parent.schemaPath}/`)),
  );
}

function toFault(error: ErrorObject): LocatedFault {
  const path = `args${error.instancePath
    .split('/')
    .slice(1)
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('')}`;
  switch (error.keyword) {
    case 'required':
      return { path: `${path}.${error.params.missingProperty}`, expected: 'a value', got: 'nothing' };
    case 'additionalProperties': {
      const names = Object.keys(error.parentSchema?.properties ?? {});
      const got = String(error.params.additionalProperty);
      return {
        path: `${path}.${got}`,
        expected: `one of the arguments ${names.join(', ')}`,
        got,
        nearest: nearestOf(got, names),
      };
    }
    case 'enum':
      return {
        path,
        expected: `one of ${error.params.allowedValues.join(', ')}`,
        got: showValue(error.data),
        nearest: nearestOf(String(error.data), error.params.allowedValues.map(String)),
      };
    case 'anyOf':
    case 'oneOf':
      return { path, expected: showValue(error.schema), got: showValue(error.data) };
    default:
      return { path, expected: error.message ?? error.keyword, got: showValue(error.data) };
  }
}
