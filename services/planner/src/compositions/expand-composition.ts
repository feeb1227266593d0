import { search } from '@jmespath-community/jmespath';
import {
  COLLECT_TOOL,
  type Composition,
  isReference,
  type Json,
  type JsonObject,
  PARAMETERS,
  PlanStep,
  type Reference,
} from '@planyard/contracts';
import { parseTemplate } from '@planyard/engine';
import { primaryOf } from '@planyard/planning';

export interface ExpandOptions {
  /** The id of the step that gathers the results; those of the others begin with it, unless the composition is all there is. */
  id: string;
  /** Values of its parameters; in a plan they may hold references to other steps. Those left out have their defaults. */
  parameters: JsonObject;
  /** The composition is the whole plan: a step that fails fast ends it. In a plan it ends the composition alone. */
  alone: boolean;
  when?: Reference | undefined;
  after?: string[];
}

/** The steps of a composition, one after the other, and the one that gathers what they gave. */
export function expandComposition(composition: Composition, options: ExpandOptions): PlanStep[] {
  const { id, alone, when } = options;
  const nameOf = (step: string) => (alone ? step : `${id}__${step}`);
  const scope: Scope = { parameters: { ...defaultsOf(composition), ...options.parameters }, nameOf };
  let before = options.after ?? [];
  const steps = composition.steps.map((step) => {
    const spec = PlanStep.parse({
      id: nameOf(step.id),
      tool: step.tool,
      args: fill(step.args, scope),
      purpose: step.purpose || `${composition.name}: ${step.id}`,
      after: before,
      when: step.when ? fill(step.when as unknown as Json, scope) : when,
      on_error: step.on_error === 'fail_fast' && !alone ? 'isolate' : step.on_error,
      ...(step.fallback
        ? { fallback: { tool: step.fallback.tool, args: fill(step.fallback.args, scope) } }
        : {}),
      ...(step.timeout_ms === undefined ? {} : { timeout_ms: step.timeout_ms }),
    });
    before = [spec.id];
    return spec;
  });
  const primary = primaryOf(composition);
  const others = composition.steps.filter((step) => step.id !== primary);
  const collect = PlanStep.parse({
    id,
    tool: COLLECT_TOOL,
    purpose: composition.name,
    args: {
      primary: { $from: nameOf(primary) },
      enriched: Object.fromEntries(others.map((step) => [step.id, { $from: nameOf(step.id) }])),
    },
    after: before,
  });
  return [...steps, collect];
}

function defaultsOf({ parameters }: Composition): JsonObject {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

interface Scope {
  parameters: JsonObject;
  nameOf(step: string): string;
}

/** The value with its parameters in their places, and its references to the composition's steps by the names they have in the plan. */
function fill(value: Json, scope: Scope): Json {
  if (typeof value === 'string') return value.includes('${') ? fillText(value, scope) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => fill(item, scope));
  if (isReference(value)) return fillReference(value, scope);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, scope)]));
}

function fillReference(reference: Reference, { parameters, nameOf }: Scope): Json {
  const { $from, path } = reference;
  if ($from !== PARAMETERS) return { ...reference, $from: nameOf($from) } as unknown as Json;
  const { value, rest } = parameterAt(path ?? null, parameters);
  if (isReference(value)) return joined(value, rest) as unknown as Json;
  return rest === null ? value : (search(value, rest) as Json);
}

function fillText(text: string, { parameters, nameOf }: Scope): string {
  return parseTemplate(text)
    .map((part) => {
      if ('text' in part) return escaped(part.text);
      if (part.from !== PARAMETERS) return written(nameOf(part.from), part.path);
      const { value, rest } = parameterAt(part.path, parameters);
      if (isReference(value)) {
        const { $from, path = null } = joined(value, rest);
        return written($from, path);
      }
      const found = rest === null ? value : (search(value, rest) as Json);
      return escaped(typeof found === 'string' ? found : JSON.stringify(found));
    })
    .join('');
}

/** The parameter that a path begins with, and what of the path is left. */
function parameterAt(path: string | null, parameters: JsonObject): { value: Json; rest: string | null } {
  const name = /^[a-z][a-z0-9_]*/.exec(path ?? '')?.[0] ?? '';
  const left = (path ?? '').slice(name.length).replace(/^\./, '');
  return { value: parameters[name] ?? null, rest: left === '' ? null : left };
}

/** A reference that reads on where another one ends. */
function joined(reference: Reference, rest: string | null): Reference {
  if (rest === null) return reference;
  return {
    $from: reference.$from,
    path: reference.path === undefined ? rest : `(${reference.path}) | ${rest}`,
  };
}

function written(from: string, path: string | null): string {
  if (path === null) return `\${${from}}`;
  return `\${${from}${path.startsWith('[') ? '' : '.'}${path}}`;
}

function escaped(text: string): string {
  return text.replaceAll('${', () => '$${');
}
