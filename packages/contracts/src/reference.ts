import { z } from 'zod';

/** An argument value taken whole from an earlier step's result; `path` is JMESPath, the whole result without one. */
export const Reference = z
  .strictObject({ $from: z.string().min(1).max(80), path: z.string().max(2000).optional() })
  .meta({ id: 'Reference', example: { $from: 'deps', path: 'nodes[].id' } });
export type Reference = z.infer<typeof Reference>;

export function isReference(value: unknown): value is Reference {
  return value !== null && typeof value === 'object' && '$from' in value;
}
