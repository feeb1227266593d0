import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PlanyardError } from '@planyard/contracts';
import { BudgetsConfig, parseConfigFile, readSecret } from '@planyard/llm';
import { followFiles, type Logger } from '@planyard/runtime';
import { type SourceConfig, SourcesConfig } from './sources/source-config.ts';

export interface ConfiguredSource {
  name: string;
  config: SourceConfig;
  /** null where the secret is not to be had; `fault` says why, and names no secret. */
  url: string | null;
  fault: string | null;
}

export interface FollowedConfig {
  /** Both as the file says now, or said when it last held. */
  sources(): ConfiguredSource[];
  budgets(): BudgetsConfig;
  /** What is broken in the file as it is now; null while it holds. */
  fault(): string | null;
  close(): void;
}

export interface FollowConfigDeps {
  /** A file that must be there; else `planyard.yaml` of the directory, where there is one. */
  file: string | undefined;
  directory: string | undefined;
  secrets: Readonly<Record<string, string | undefined>>;
  log: Logger;
  onChange?: () => void;
}

const DEFAULT_FILE = 'planyard.yaml';
const NO_BUDGETS = BudgetsConfig.parse({});

/** The data sources and budgets of `planyard.yaml`, read again when it or a secret's file changes. Throws `invalid_config` for a file that is broken now; later the last good one stays. */
export async function followConfig(deps: FollowConfigDeps): Promise<FollowedConfig> {
  const { file, directory, secrets, log } = deps;
  if (file === undefined && directory === undefined)
    return { sources: () => [], budgets: () => NO_BUDGETS, fault: () => null, close: () => {} };
  const path = resolve(directory ?? '.', file ?? DEFAULT_FILE);
  let sources: ConfiguredSource[] = [];
  let budgets = NO_BUDGETS;
  let fault: string | null = null;
  let reading = Promise.resolve();
  let closed = false;
  const files = followFiles(() => {
    reading = reading.then(readAgain);
  });

  async function read(): Promise<void> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && file === undefined) return '';
      throw new PlanyardError('invalid_config', `${path}: it cannot be read (${error.code})`);
    });
    const config = parseConfigFile(SourcesConfig, text, path);
    const bounds = parseConfigFile(BudgetsConfig, text, path);
    const sorted = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
    const base = dirname(path);
    await files.follow([
      path,
      ...sorted.flatMap(([, { url }]) => ('file' in url ? [resolve(base, url.file)] : [])),
    ]);
    sources = await Promise.all(
      sorted.map(async ([name, each]): Promise<ConfiguredSource> => {
        try {
          const url = await readSecret(each.url, { env: secrets, directory: base });
          return { name, config: each, url, fault: null };
        } catch (error) {
          return { name, config: each, url: null, fault: (error as Error).message };
        }
      }),
    );
    budgets = bounds;
  }

  async function readAgain(): Promise<void> {
    if (closed) return;
    try {
      await read();
      fault = null;
      log.info(
        { path, sources: sources.map(({ name }) => name), budgets: budgets.budgets.length },
        'data sources and budgets: read again',
      );
    } catch (error) {
      fault = (error as Error).message;
      log.warn(
        { path, err: error },
        'data sources and budgets: the new configuration is broken, the last good one stays',
      );
    }
    deps.onChange?.();
  }

  try {
    // Before it is read: what changes meanwhile is told.
    await files.follow([path]);
    await read();
  } catch (error) {
    files.close();
    throw error;
  }
  return {
    sources: () => sources,
    budgets: () => budgets,
    fault: () => fault,
    close() {
      closed = true;
      files.close();
    },
  };
}
