import { PlanyardError } from '@planyard/contracts';
import { type ModelSourceDeps, openModelSource } from './config/model-source.ts';
import { describeMissing } from './config/verify-models.ts';
import { type ModelErrorKind, toModelError } from './model-error.ts';

const PATIENCE_MS = 10_000;

/** What there is of models, as a service would find it. */
export interface ExaminedModels {
  /** The file's path; null where there is none and nobody named one. */
  config: string | null;
  /** What is wrong with the file, each with its place. Then there are no providers. */
  faults: { path: string; message: string }[];
  /** Each with where it comes from: a variable, the file, or `localhost`. */
  providers: {
    name: string;
    source: string;
    /** How many models it offers; null where it does not answer. */
    models: number | null;
    error: { kind: ModelErrorKind; message: string } | null;
  }[];
  /** Configured models that are not to be had, and why. */
  missing: string[];
}

/** Reads the configuration as a service does and asks every provider what it offers, at once. Never throws for what is wrong with either. */
export async function examineModels(
  deps: Omit<ModelSourceDeps, 'onState' | 'follow' | 'log'>,
): Promise<ExaminedModels> {
  const log = { info: () => undefined, warn: () => undefined };
  const opened = await openModelSource({ ...deps, log }).catch((error: unknown) => {
    if (error instanceof PlanyardError && error.code === 'invalid_config') return error;
    throw error;
  });
  if (opened instanceof PlanyardError) {
    const faults = opened.errors ?? [{ path: '(root)', message: opened.message }];
    return { config: opened.message.split(': ')[0] ?? null, faults, providers: [], missing: [] };
  }
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const { providers } = opened.settings();
    const [asked, missing] = await Promise.all([
      Promise.all(
        opened.found().map(async ({ name, source }) => {
          const ids = await providers
            .find((each) => each.name === name)
            ?.models(signal)
            .catch((thrown: unknown) => toModelError(thrown, signal));
          const error = ids instanceof Error ? { kind: ids.kind, message: ids.message } : null;
          return { name, source, models: Array.isArray(ids) ? ids.length : null, error };
        }),
      ),
      opened.verify(signal),
    ]);
    return { config: opened.path, faults: [], providers: asked, missing: missing.map(describeMissing) };
  } finally {
    opened.close();
  }
}
