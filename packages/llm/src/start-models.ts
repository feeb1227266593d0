import type { Registry } from 'prom-client';
import { type FollowFiles, type ModelSource, openModelSource } from './config/model-source.ts';
import type { LlmLog } from './log.ts';
import { createLlmMetrics } from './metrics.ts';
import { createModels, type Models, type ModelsDeps } from './models.ts';
import type { ReplyCache } from './policies/cache/reply-cache.ts';
import type { LlmRedis } from './redis/connection.ts';

export interface StartModelsDeps extends LlmRedis, Pick<ModelsDeps, 'tracer' | 'redact' | 'texts'> {
  /** The variables of `ProviderEnv`, parsed or not. */
  env: Readonly<Record<string, unknown>>;
  /** The variables that secrets may lie in. */
  secrets?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where `planyard.yaml` is looked for when PLANYARD_CONFIG names none; without it nowhere. */
  directory?: string | undefined;
  fetch: typeof globalThis.fetch;
  registry: Registry;
  log: LlmLog;
  /** Tells when the configuration or a file of its secrets has changed. */
  follow: FollowFiles;
  /** Makes what replies are kept in. */
  cache: (caps: { namespace: string; maxEntries: number; maxBytes: number }) => ReplyCache;
}

export interface StartedModels {
  models: Models;
  source: ModelSource;
  /** For `/readyz`: rejects with what is not as configured. The process serves without it. */
  check: { name: string; advisory: true; check(): Promise<void> };
  close(): void;
}

/** The models of a service: configured, composed, verified and watched. Throws `invalid_config` with all faults at once. */
export async function startModels(deps: StartModelsDeps): Promise<StartedModels> {
  const { redis, namespace, registry, log } = deps;
  const metrics = createLlmMetrics(registry);
  const source = await openModelSource({
    ...deps,
    onState({ valid, missing }) {
      metrics.configValid.set(valid ? 1 : 0);
      metrics.missing.reset();
      for (const { provider, model } of missing) metrics.missing.set({ provider, model }, 1);
    },
  });
  const { max_entries: maxEntries, max_bytes: maxBytes } = source.settings().cache;
  const models = createModels({
    settings: source.settings,
    metrics,
    redis: { redis, namespace },
    log,
    tracer: deps.tracer,
    redact: deps.redact,
    texts: deps.texts,
    cache: deps.cache({ namespace: `${namespace}:llm`, maxEntries, maxBytes }),
  });

  async function check(): Promise<void> {
    // A half-open one waits for the next call, which may be long in coming.
    const open = Object.entries(models.breakerStates()).filter(([, state]) => state === 'open');
    const faults = [...source.faults(), ...open.map(([id]) => `${id}: its breaker is open`)];
    if (faults.length > 0) throw new Error(faults.join('; '));
  }

  return {
    models,
    source,
    check: { name: 'models', advisory: true, check },
    close() {
      models.close();
      source.close();
    },
  };
}
