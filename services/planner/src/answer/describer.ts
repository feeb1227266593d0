import type { Json, JsonObject } from '@planyard/contracts';
import type { z } from 'zod';

/** What a description may know beside the result. */
export interface Asked {
  /** What the step was for, in words that can begin a sentence. */
  purpose: string;
  args: JsonObject;
  /** What the answer leaves out or counts. */
  show: {
    above?: number;
    below?: number;
    count_items?: boolean;
    text?: string;
    whether?: string;
    only?: { owner?: string[]; environment?: string[]; status?: string[] };
  };
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
