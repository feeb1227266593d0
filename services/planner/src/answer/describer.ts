import type { Json, JsonObject } from '@planyard/contracts';
import type { z } from 'zod';

/** What the answer makes of a step's result beyond telling it. */
export interface Show {
  above?: number;
  below?: number;
  /** The bounds themselves count. */
  inclusive?: boolean;
  /** The item that a yes or no tells of. */
  whether?: string;
}

/** What a description may know beside the result. */
export interface Asked {
  /** What the step was for, in words that can begin a sentence. */
  purpose: string;
  args: JsonObject;
  show: Show;
}

/** Tells a result in sentences; null when it has another shape than its tool gives. */
export type Describe = (value: Json, asked: Asked) => string | null;

/** A description that only meets results of its shape. */
export function describer<S extends z.ZodType>(
  schema: S,
  describe: (value: z.output<S>, asked: Asked) => string,
): Describe {
  return (value, asked) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? describe(parsed.data, asked) : null;
  };
}
