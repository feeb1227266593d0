import {
  COLLECT_TOOL,
  type Composition,
  type Json,
  type JsonObject,
  PARAMETERS,
  PlanStep,
  PlanStepId,
  type Reference,
} from '@planyard/contracts';
import { primaryOf } from '@planyard/planning';
import type { NamedStep } from '../admit-specs.ts';
import { referencesOf } from '../model/resolve-references.ts';
import { cannotExpand } from './cannot-expand.ts';
import { type Filling, fillParameters } from './fill-parameters.ts';

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

/**
 * The steps of a composition, one after the other, and the one that gathers what they gave. Conditions that read
 * parameters, or come on top of one that the whole composition has, take another step before them. Throws `invalid_step`.
 */
export function expandComposition(composition: Composition, options: ExpandOptions): NamedStep[] {
  const { id, alone, when } = options;
  const nameOf = (step: string) => (alone ? step : `${id}__${step}`);
  const longest = composition.steps.find((step) => !PlanStepId.safeParse(nameOf(step.id)).success);
  if (longest)
    throw cannotExpand('id', `a shorter one: a step of ${composition.name} would be ${nameOf(longest.id)}`);
  const filling: Filling = {
    parameters: { ...defaultsOf(composition), ...options.parameters },
    planned: new Set(alone ? [] : Object.keys(options.parameters)),
    nameOf,
  };
  const gate = gateOf(composition, options, filling);
  // A step has one condition. What the whole composition waits for is with the gate, where one of the steps has its own.
  const shared = gate ? undefined : when;
  const needs = [...outsideOf(options), ...(gate ? [gate.id] : [])];
  let before = gate ? [gate.id] : (options.after ?? []);
  const steps = composition.steps.map((step) => {
    const spec = PlanStep.parse({
      id: nameOf(step.id),
      tool: step.tool,
      args: fillParameters(step.args, filling),
      purpose: step.purpose || `${composition.name}: ${step.id}`,
      after: before,
      when: step.when ? condition(step.when, filling) : shared,
      on_error: step.on_error === 'fail_fast' && !alone ? 'isolate' : step.on_error,
      ...(step.fallback
        ? { fallback: { tool: step.fallback.tool, args: fillParameters(step.fallback.args, filling) } }
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
      trace: true,
    },
    after: before,
    when: shared,
  });
  return [
    ...(gate ? [{ spec: gate, needs: outsideOf(options) }] : []),
    ...steps.map((spec) => ({ spec, needs })),
    // What the others gave is gathered, whichever of them their conditions skipped.
    { spec: collect, needs, optional: steps.map((step) => step.id) },
  ];
}

/** A step that holds the parameters which conditions read, under the condition of the whole composition; null where none is needed. */
function gateOf(composition: Composition, options: ExpandOptions, filling: Filling): PlanStep | null {
  const conditions = composition.steps.flatMap((step) => (step.when ? [step.when] : []));
  const ofParameters = conditions.filter(({ $from }) => $from === PARAMETERS);
  if (ofParameters.length === 0 && !(options.when && conditions.length > 0)) return null;
  const values = ofParameters.length > 0 ? Object.keys(composition.parameters) : [];
  return PlanStep.parse({
    id: filling.nameOf(PARAMETERS),
    tool: COLLECT_TOOL,
    purpose: `${composition.name}: its parameters`,
    args: {
      primary: null,
      enriched: Object.fromEntries(
        values.map((name) => [name, fillParameters({ $from: PARAMETERS, path: name }, filling)]),
      ),
    },
    after: options.after ?? [],
    when: options.when,
  });
}

/** A condition on parameters reads them where the gate holds them. */
function condition(when: Reference, filling: Filling): Json {
  if (when.$from !== PARAMETERS) return fillParameters(when as unknown as Json, filling);
  return { $from: filling.nameOf(PARAMETERS), path: `enriched | ${when.path}` };
}

/** Steps of the plan that the composition as a whole depends on: what skips one of its steps for their sake skips all. */
function outsideOf({ id, parameters, alone, when }: ExpandOptions): string[] {
  if (alone) return [];
  const asOne = PlanStep.parse({ id, tool: COLLECT_TOOL, args: parameters, when });
  return [...new Set(referencesOf(asOne).found.map(({ from }) => from))];
}

function defaultsOf({ parameters }: Composition): JsonObject {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
