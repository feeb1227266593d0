import {
  isReference,
  type Json,
  type JsonObject,
  PlanyardError,
  type Reference,
  type StepId,
} from '@planyard/contracts';
import { type QueryBudget, query, queryBudget } from './query.ts';
import { parseTemplate } from './references.ts';
import { allowsNull, isOptional, type JsonPath } from './schema-at.ts';
import type { BegunStep } from './step-execution.ts';

export type Binding = { run: true; args: JsonObject } | { run: false };

/** Loads a result that was too large for Redis. */
export type LoadStored = (step: StepId, epoch: number) => Promise<Json>;

/**
 * Puts the values of earlier results where a step's arguments refer to them, and evaluates `when` (JMESPath truth).
 * `inputSchema` is the tool's JSON Schema: it tells where null is allowed and what may be omitted.
 * Throws `null_reference`, `null_dependency` or `invalid_reference`, located at the argument.
 */
export async function bindStep(
  step: BegunStep,
  inputSchema: JsonObject,
  loadStored: LoadStored,
): Promise<Binding> {
  if (step.frozen_args) return { run: true, args: step.frozen_args };
  const scope = { values: await loadValues(step, loadStored), inputSchema, budget: queryBudget() };
  if (step.spec.when && !step.is_fallback && !truthy(read(scope, step.spec.when, 'when')))
    return { run: false };
  const args = bindValue(step.args, [], scope);
  return { run: true, args: args as JsonObject };
}

/** What a dependency left: its result, or that there is none (it was skipped, or failed under `on_error: skip`). */
type Values = Map<string, { value: Json } | 'none'>;
interface Scope {
  values: Values;
  inputSchema: JsonObject;
  budget: QueryBudget;
}

const OMIT = Symbol('omit');

async function loadValues(step: BegunStep, loadStored: LoadStored): Promise<Values> {
  const values: Values = new Map();
  for (const [id, dependency] of Object.entries(step.deps)) {
    const bare = id.slice(id.indexOf('.') + 1);
    if (dependency.status === 'none') {
      values.set(id, 'none').set(bare, 'none');
      continue;
    }
    const { result } = dependency;
    const value = result.stored ? await loadStored(id, result.stored.epoch) : (result.value ?? null);
    values.set(id, { value }).set(bare, { value });
  }
  return values;
}

function bindValue(value: Json, path: JsonPath, scope: Scope): Json | typeof OMIT {
  if (typeof value === 'string') return value.includes('${') ? bindTemplate(value, path, scope) : value;
  if (value === null || typeof value !== 'object') return value;
  if (isReference(value)) return bindReference(value, path, scope);
  if (Array.isArray(value))
    return value.map((item, index) => {
      const bound = bindValue(item, [...path, index], scope);
      if (bound === OMIT) throw nullDependency(path, item);
      return bound;
    });
  const bound: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const field = bindValue(item, [...path, key], scope);
    if (field !== OMIT)
      Object.defineProperty(bound, key, {
        value: field,
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return bound;
}

function bindReference(reference: Reference, path: JsonPath, scope: Scope): Json | typeof OMIT {
  const source = scope.values.get(reference.$from);
  const value = read(scope, reference, at(path));
  if (value !== null || allowsNull(scope.inputSchema, path)) return value;
  if (source === 'none') {
    if (isOptional(scope.inputSchema, path)) return OMIT;
    throw nullDependency(path, reference);
  }
  throw located('null_reference', path, `"${reference.path ?? ''}" of step "${reference.$from}" yields null`);
}

function bindTemplate(text: string, path: JsonPath, scope: Scope): Json {
  return parseTemplate(text)
    .map((part) => {
      if ('text' in part) return part.text;
      const reference = { $from: part.from, ...(part.path === null ? {} : { path: part.path }) };
      const value = read(scope, reference, at(path));
      if (value === null)
        throw scope.values.get(part.from) === 'none'
          ? nullDependency(path, reference)
          : located('null_reference', path, `"${part.path ?? ''}" of step "${part.from}" yields null`);
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    })
    .join('');
}

function read({ values, budget }: Scope, reference: Reference, where: string): Json {
  const source = values.get(reference.$from);
  if (source === undefined)
    throw new PlanyardError(
      'unknown_step',
      `${where} refers to "${reference.$from}", which is no step it depends on`,
    );
  if (source === 'none') return null;
  try {
    return query(source.value, reference.path, budget);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new PlanyardError('invalid_reference', `${where}: "${reference.path ?? ''}": ${message}`, {
      cause: error,
      errors: [{ path: where, message }],
    });
  }
}

/** JMESPath truth: false, null and whatever is empty are false; 0 is true. */
function truthy(value: Json): boolean {
  if (value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function nullDependency(path: JsonPath, source: Json | Reference): PlanyardError {
  const from = isReference(source) ? ` from step "${source.$from}"` : '';
  return located('null_dependency', path, `the value${from} is missing: that step has no result`);
}

function located(code: 'null_reference' | 'null_dependency', path: JsonPath, message: string): PlanyardError {
  const where = at(path);
  return new PlanyardError(code, `${where}: ${message}`, { errors: [{ path: where, message }] });
}

function at(path: JsonPath): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${key}`),
    'args',
  );
}
