import type { z } from 'zod';
import { StartupError } from './startup-error.ts';

export interface EnvFault {
  /** The variable, or the empty string for a rule over several. */
  variable: string;
  problem: string;
}

/** Every setting that is missing or wrong, listed at once. */
export class EnvError extends StartupError {
  override readonly name = 'EnvError';
  readonly faults: EnvFault[];

  constructor(faults: EnvFault[]) {
    const lines = faults.map((fault) => `  ${fault.variable ? `${fault.variable}: ` : ''}${fault.problem}`);
    super(`The environment is not complete:\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

/** A field's description, also where `.default()` or `.optional()` was called after `.describe()`. */
function describe(field: unknown): string | undefined {
  const schema = field as
    | { description?: string; _zod?: { def: { innerType?: unknown; in?: unknown } } }
    | undefined;
  if (!schema) return undefined;
  const inner = schema._zod?.def.innerType ?? schema._zod?.def.in;
  return schema.description ?? (inner ? describe(inner) : undefined);
}

/**
 * Reads a service's settings from environment variables. An empty variable counts as unset, unknown ones are
 * ignored. Throws EnvError with all faults, each with the variable's description from the schema.
 */
export function parseEnv<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new EnvError(
    parsed.error.issues.map((issue) => {
      const variable = String(issue.path[0] ?? '');
      const what = variable && !(variable in given) ? 'not set' : issue.message;
      const description = describe(schema.shape[variable]);
      return { variable, problem: description ? `${what}; set it to: ${description}` : what };
    }),
  );
}
