import { z } from 'zod';
import { DEFAULT_SETTINGS, type EngineSettings } from './settings.ts';

const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** The engine's part of a service's environment; every service must have the same. */
export const engineEnv = {
  PLANYARD_PARTITIONS: count(DEFAULT_SETTINGS.partitions).describe(
    'partitions that runs spread over; the same for every service',
  ),
  PLANYARD_NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,30}$/)
    .default(DEFAULT_SETTINGS.namespace)
    .describe('first part of every Redis key; the same for every service'),
  PLANYARD_RUN_IN_FLIGHT: count(DEFAULT_SETTINGS.run_in_flight).describe(
    'steps of one run queued or running at once; the others wait',
  ),
  PLANYARD_TENANT_IN_FLIGHT: count(DEFAULT_SETTINGS.tenant_in_flight).describe(
    'steps of one tenant queued or running at once in a partition; the others wait',
  ),
};

/** The engine's settings from an environment that was parsed with `engineEnv`. */
export function engineSettings(env: z.infer<z.ZodObject<typeof engineEnv>>): Partial<EngineSettings> {
  return {
    partitions: env.PLANYARD_PARTITIONS,
    namespace: env.PLANYARD_NAMESPACE,
    run_in_flight: env.PLANYARD_RUN_IN_FLIGHT,
    tenant_in_flight: env.PLANYARD_TENANT_IN_FLIGHT,
  };
}
