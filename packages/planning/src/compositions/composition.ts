import {
  Composition,
  type Fault,
  faultsOf,
  isReference,
  type Json,
  PARAMETERS,
  PlanyardError,
  RESULTS,
} from '@planyard/contracts';
import { parametersSchema } from './parameters.ts';

/** How references are written is the engine's to say. */
export interface ReferenceSyntax {
  /** Places in a value that read a step or the parameters. */
  collect(value: unknown, at: string): { from: string; path: string | null; at: string }[];
  /** What is wrong with a path, or null. */
  checkPath(path: string): string | null;
}

/** Checks a composition as it was written. Throws `invalid_config` that names the file and every fault in it. */
export function parseComposition(raw: unknown, file: string, syntax: ReferenceSyntax): Composition {
  const parsed = Composition.safeParse(raw);
  if (!parsed.success) throw refuse(file, faultsOf(parsed.error));
  const faults = [...faultsOfSteps(parsed.data, syntax), ...faultsOfDefaults(parsed.data)];
  if (faults.length > 0) throw refuse(file, faults);
  return parsed.data;
}

/** The id of the step whose result is the primary one. */
export function primaryOf({ primary, steps }: Composition): string {
  return primary ?? (steps[0]?.id as string);
}

function faultsOfSteps({ steps, parameters, primary }: Composition, syntax: ReferenceSyntax): Fault[] {
  const faults: Fault[] = [];
  const earlier = new Set<string>();
  for (const [index, step] of steps.entries()) {
    const at = `steps[${index}]`;
    if (step.id === PARAMETERS)
      faults.push({ path: `${at}.id`, message: `${PARAMETERS} stands for the parameters` });
    if (step.id === RESULTS)
      faults.push({ path: `${at}.id`, message: `${RESULTS} stands for what the composition gives` });
    if (earlier.has(step.id)) faults.push({ path: `${at}.id`, message: `two steps are named ${step.id}` });
    const places: [unknown, string][] = [
      [step.args, `${at}.args`],
      [step.when, `${at}.when`],
      [step.fallback?.args, `${at}.fallback.args`],
    ];
    for (const [value, place] of places)
      faults.push(...faultsOfReferences(value, place, { earlier, parameters, syntax }));
    earlier.add(step.id);
  }
  if (primary !== undefined && !earlier.has(primary))
    faults.push({ path: 'primary', message: `there is no step ${primary}` });
  return faults;
}

function faultsOfReferences(
  value: unknown,
  at: string,
  {
    earlier,
    parameters,
    syntax,
  }: { earlier: Set<string>; parameters: Composition['parameters']; syntax: ReferenceSyntax },
): Fault[] {
  try {
    return syntax.collect(value, at).flatMap(({ from, path, at: place }) => {
      const wrong = path === null ? null : syntax.checkPath(path);
      if (wrong) return [{ path: place, message: `"${path}" is no JMESPath: ${wrong}` }];
      if (from !== PARAMETERS)
        return earlier.has(from) ? [] : [{ path: place, message: `${from} is no earlier step` }];
      const name = /^[a-z][a-z0-9_]*/.exec(path ?? '')?.[0] ?? '';
      return Object.hasOwn(parameters, name)
        ? []
        : [{ path: place, message: `there is no parameter ${name}` }];
    });
  } catch (error) {
    return [{ path: at, message: error instanceof Error ? error.message : String(error) }];
  }
}

function faultsOfDefaults({ parameters }: Composition): Fault[] {
  return Object.entries(parameters).flatMap(([name, parameter]) => {
    if (parameter.default === undefined) return [];
    const parsed = parametersSchema({ [name]: parameter }).safeParse({ [name]: parameter.default as Json });
    return parsed.success
      ? []
      : [
          {
            path: `parameters.${name}.default`,
            message: isReference(parameter.default)
              ? 'a value, not a reference'
              : `it is no ${parameter.type}`,
          },
        ];
  });
}

function refuse(file: string, errors: Fault[]): PlanyardError {
  const list = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new PlanyardError('invalid_config', `${file} is not a composition: ${list}`, { errors });
}
