import {
  type Fault,
  isDeeperThan,
  type JsonObject,
  LIMITS,
  PlanyardError,
  type ToolManifest,
} from '@planyard/contracts';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';

/** Throws `args_too_large` or `too_deep`, or `invalid_request` with the place of everything that does not fit the tool's input schema. */
export function checkToolArgs(tool: ToolManifest, args: JsonObject): void {
  checkArgsSize(args);
  // A schema may carry an $id that another one has too; here they are nameless.
  const { $id: _id, ...schema } = tool.input_schema;
  const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  if (validate(args)) return;
  const errors = (validate.errors ?? []).map(toFault);
  const sentences = errors.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
  throw new PlanyardError('invalid_request', sentences.join('; '), { errors });
}

/** Throws `args_too_large` or `too_deep`. */
export function checkArgsSize(args: JsonObject): void {
  if (isDeeperThan(args, LIMITS.json_depth)) throw new PlanyardError('too_deep');
  if (Buffer.byteLength(JSON.stringify(args)) > LIMITS.args_bytes) throw new PlanyardError('args_too_large');
}

function toFault({ instancePath, keyword, params, message }: ErrorObject): Fault {
  const place = instancePath
    .split('/')
    .slice(1)
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key.replaceAll('~1', '/').replaceAll('~0', '~')}`))
    .join('');
  const path = `args${place}`;
  switch (keyword) {
    case 'required':
      return { path: `${path}.${params.missingProperty}`, message: 'is missing', code: keyword };
    case 'additionalProperties':
      return { path: `${path}.${params.additionalProperty}`, message: 'unknown field', code: keyword };
    case 'enum':
      return { path, message: `must be one of ${params.allowedValues.join(', ')}`, code: keyword };
    default:
      return { path, message: message ?? keyword, code: keyword };
  }
}
