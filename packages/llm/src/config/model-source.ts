import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Provider } from '../contract.ts';
import { discoverProviders, type FoundProvider, ProviderEnv, usualModel } from '../discover-providers.ts';
import type { LlmLog } from '../log.ts';
import { formatModelName, type ModelName, parseModelName } from '../model-name.ts';
import { knownNames } from '../policies/targets.ts';
import { PRICES } from '../price-table.ts';
import { type ModelSettings, modelSettings } from '../settings.ts';
import { prepareProvider } from './create-provider.ts';
import { type ModelsConfig, parseModelsConfig } from './models-config.ts';
import { configError } from './parse-config-file.ts';
import type { Price } from './price.ts';
import { secretFiles } from './secret-files.ts';
import { describeMissing, type MissingModel, verifyModels } from './verify-models.ts';

const DEFAULT_FILE = 'planyard.yaml';
const VERIFY_EVERY_MS = 300_000;

export interface ModelSourceDeps {
  /** The variables of `ProviderEnv`, parsed or not. */
  env: Readonly<Record<string, unknown>>;
  /** The variables that secrets may lie in. */
  secrets?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where `planyard.yaml` is looked for when PLANYARD_CONFIG names none; without it nowhere. */
  directory?: string | undefined;
  /** How an Ollama on this machine is looked for. */
  fetch: typeof globalThis.fetch;
  log: LlmLog;
  /** Tells when the files that it is to follow have changed; without it they are read once. */
  follow?: FollowFiles;
  /** Told at each change: whether the file as it is now holds, and which configured models are not to be had. Without it nothing is verified. */
  onState?: (state: { valid: boolean; missing: MissingModel[] }) => void;
}

/** Calls `onChange` when one of the files that `follow` named last has changed, is there or is gone. */
export type FollowFiles = (onChange: () => void) => {
  follow(paths: string[]): Promise<void>;
  close(): void;
};

/** Where providers, routes and all settings of models come from: the environment and `planyard.yaml`, read again when it changes. */
export interface ModelSource {
  settings(): ModelSettings;
  /** What there is, for messages: each provider and what it comes from. */
  found(): Pick<FoundProvider, 'name' | 'source'>[];
  /** The route or `provider/model` to ask where nobody chooses. Asks a provider when it must; throws `ModelError` when that fails. */
  defaultModel(signal: AbortSignal): Promise<string>;
  /** The file that it reads; null where there is none and nobody named one. */
  path: string | null;
  /** Configured models that are not to be had, asked for now. */
  verify(signal: AbortSignal): Promise<MissingModel[]>;
  /** What is not as configured: a broken file, models that are not to be had. */
  faults(): string[];
  close(): void;
}

interface Loaded {
  config: ModelsConfig;
  settings: ModelSettings;
  made: Map<string, { fingerprint: string; provider: Provider }>;
}

/** Reads the configuration. Throws `invalid_config` with all faults at once; later, a broken file leaves what was read last. */
export async function openModelSource(deps: ModelSourceDeps): Promise<ModelSource> {
  const { env, log } = deps;
  const { PLANYARD_CONFIG, PLANYARD_MODEL } = ProviderEnv.parse(env);
  const path = resolve(deps.directory ?? '.', PLANYARD_CONFIG ?? DEFAULT_FILE);
  const mayBe = PLANYARD_CONFIG !== undefined || deps.directory !== undefined;
  const files = deps.follow?.(() => {
    reloading = reloading.then(reload);
  });
  let reloading = Promise.resolve();
  // Before they are read: what changes meanwhile is told.
  if (mayBe) await files?.follow([path]);
  const text = mayBe ? await readConfig(path, PLANYARD_CONFIG) : null;
  const fromEnv = await discoverProviders(env, deps.fetch);
  /** Providers of the environment that the file does not name. */
  const besides = (config: ModelsConfig) =>
    fromEnv.filter(({ name }) => !Object.hasOwn(config.providers, name));
  let loaded = await load(text ?? '', new Map()).catch((error: unknown) => {
    files?.close();
    throw error;
  });
  let broken: string | null = null;
  let missing: MissingModel[] = [];
  const closing = new AbortController();

  async function load(source: string, before: Loaded['made']): Promise<Loaded> {
    const config = parseModelsConfig(source, path);
    const made: Loaded['made'] = new Map();
    const make = (name: string, { fingerprint, create }: { fingerprint: string; create: () => Provider }) => {
      const same = before.get(name);
      made.set(name, same?.fingerprint === fingerprint ? same : { fingerprint, provider: create() });
    };
    const faults: { path: string; message: string }[] = [];
    if (mayBe) await files?.follow([path, ...secretFiles(config, dirname(path))]);
    for (const [name, provider] of Object.entries(config.providers)) {
      try {
        const sources = { env: deps.secrets ?? {}, directory: dirname(path) };
        make(name, await prepareProvider(name, provider, config.timeouts, sources));
      } catch (error) {
        faults.push({ path: `providers.${name}`, message: (error as Error).message });
      }
    }
    const connection = { connect_timeout_ms: config.timeouts.connect_ms };
    for (const { name, source: variable, create } of besides(config))
      make(name, {
        fingerprint: JSON.stringify([variable, connection]),
        create: () => create(connection),
      });
    const providers = [...made.values()].map((each) => each.provider);
    faults.push(...unknownNames(config, providers, PLANYARD_MODEL));
    if (faults.length > 0) throw configError(source === '' ? 'the environment' : path, faults);
    return { config, made, settings: settingsOf(config, providers) };
  }

  async function reload(): Promise<void> {
    const before = loaded;
    const source = await readFile(path, 'utf8').catch(() => null);
    try {
      if (source === null)
        throw configError(path, [{ path: 'PLANYARD_CONFIG', message: 'it cannot be read any more' }]);
      loaded = await load(source, before.made);
      broken = null;
      log.info({ path, providers: loaded.settings.providers.map((each) => each.name) }, 'models: read again');
      retire(before, loaded);
    } catch (error) {
      broken = error instanceof Error ? error.message : String(error);
      log.warn({ path, err: error }, 'models: the new configuration is broken, the last good one stays');
    }
    if (deps.onState) await verify();
  }

  const askAll = ({ config, settings }: Loaded, signal: AbortSignal) =>
    verifyModels(settings.providers, configuredModels(config, PLANYARD_MODEL), signal);

  async function verify(): Promise<void> {
    const found = await askAll(loaded, closing.signal);
    if (closing.signal.aborted) return;
    for (const each of found)
      log.warn({ model: formatModelName(each), why: each.why }, 'a configured model is not to be had');
    missing = found;
    deps.onState?.({ valid: broken === null, missing });
  }

  const verifying = setInterval(() => void verify(), VERIFY_EVERY_MS).unref();
  if (deps.onState) void verify();
  else clearInterval(verifying);

  return {
    path: text === null ? null : path,
    verify: (signal) => askAll(loaded, signal),
    settings: () => loaded.settings,
    found: () => [
      ...Object.keys(loaded.config.providers).map((name) => ({ name, source: path })),
      ...besides(loaded.config),
    ],
    async defaultModel(signal) {
      const { config, settings } = loaded;
      const [route] = Object.keys(config.routes);
      const chosen = PLANYARD_MODEL ?? config.default_model ?? route;
      if (chosen) return chosen;
      return formatModelName(await usualModel(settings.providers, besides(config), signal));
    },
    faults: () => [...(broken === null ? [] : [broken]), ...missing.map(describeMissing)],
    close() {
      closing.abort();
      files?.close();
      clearInterval(verifying);
      for (const provider of loaded.settings.providers) provider.close();
    },
  };
}

/** null where nobody named a file and there is none. */
async function readConfig(path: string, named: string | undefined): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !named) return null;
    throw configError(path, [{ path: 'PLANYARD_CONFIG', message: `it cannot be read (${code})` }]);
  }
}

function settingsOf(config: ModelsConfig, providers: Provider[]): ModelSettings {
  const { routes, timeouts, retries, breaker, cache, audit, limits, budgets, budget_patience_ms } = config;
  return modelSettings({
    providers,
    routes,
    prices: { as_of: PRICES.as_of, prices: { ...PRICES.prices, ...renamed(config), ...config.prices } },
    timeouts,
    provider_timeouts: Object.fromEntries(
      Object.entries(config.providers).map(([name, provider]) => [name, provider.timeouts]),
    ),
    retries,
    breaker,
    cache,
    audit,
    limits,
    budgets,
    budget_patience_ms,
  });
}

/** The built-in prices of a provider that has another name than its kind. */
function renamed({ providers }: ModelsConfig): Record<string, Price> {
  const entries = Object.entries(providers).flatMap(([name, { kind }]) =>
    Object.entries(PRICES.prices).flatMap(([model, price]) =>
      model.startsWith(`${kind}/`) ? [[`${name}${model.slice(kind.length)}`, price] as const] : [],
    ),
  );
  return Object.fromEntries(entries);
}

/** Calls that began before may go on with their provider until their time is over. */
function retire(before: Loaded, after: Loaded): void {
  for (const [name, { provider }] of before.made)
    if (after.made.get(name)?.provider !== provider)
      setTimeout(() => provider.close(), before.settings.timeouts.total_ms).unref();
}

/** Names of models whose provider does not exist. */
function unknownNames(config: ModelsConfig, providers: Provider[], chosen: string | undefined) {
  const known = (name: string) =>
    Object.hasOwn(config.routes, name) || providers.some((each) => name.startsWith(`${each.name}/`));
  const there = [...Object.keys(config.routes), ...providers.map((each) => `${each.name}/…`)];
  const named = [
    { path: 'PLANYARD_MODEL', name: chosen },
    { path: 'default_model', name: config.default_model },
    { path: 'cache.similar.model', name: config.cache.similar?.model },
    ...Object.entries(config.routes).flatMap(([route, { models }]) =>
      models.flat().map(({ model }) => ({ path: `routes.${route}`, name: model })),
    ),
  ];
  return named.flatMap(({ path, name }) =>
    name === undefined || known(name)
      ? []
      : [{ path, message: `there is no model or route ${name}; ${knownNames(there)}` }],
  );
}

function configuredModels(config: ModelsConfig, chosen: string | undefined): ModelName[] {
  const named = [chosen, config.default_model, config.cache.similar?.model].filter((name) =>
    name?.includes('/'),
  ) as string[];
  const routed = Object.values(config.routes).flatMap(({ models }) =>
    models.flat().map(({ model }) => model),
  );
  const listed = Object.entries(config.providers).flatMap(([name, { models }]) =>
    models.map((model) => `${name}/${model}`),
  );
  return [...new Set([...named, ...routed, ...listed])].map(parseModelName);
}
