import { z } from 'zod';

/**
 * The sections of `planyard.yaml` by who reads them. Each reader checks its own and knows the others by name alone, so a
 * section that nobody reads is refused by all.
 */
export const CONFIG_SECTIONS = {
  models: [
    'providers',
    'routes',
    'default_model',
    'prices',
    'timeouts',
    'retries',
    'breaker',
    'cache',
    'audit',
    'limits',
    'budgets',
    'budget_patience_ms',
  ],
  sources: ['sources'],
} as const;

type ConfigReader = keyof typeof CONFIG_SECTIONS;
/** A section that this reader checks. */
export type ConfigSection<Reader extends ConfigReader> = (typeof CONFIG_SECTIONS)[Reader][number];

/** Fields of a strict schema for the sections of all other readers: taken and not looked at. */
export function sectionsOfOthers(reader: ConfigReader): Record<string, z.ZodOptional<z.ZodUnknown>> {
  const others = Object.entries(CONFIG_SECTIONS).flatMap(([each, sections]) =>
    each === reader ? [] : [...sections],
  );
  return Object.fromEntries(others.map((section) => [section, z.unknown().optional()]));
}
