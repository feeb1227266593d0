import { type Composition, PlanyardError } from '@planyard/contracts';
import { Gauge, type Registry } from 'prom-client';
import { parseYaml } from '../prompt.ts';
import type { PromptFile } from '../read-prompts.ts';
import { parseComposition, type ReferenceSyntax } from './composition.ts';

export interface StartCompositionsDeps {
  /** Where they lie: YAML files, read again when they change, and modules that export `composition`, read once. */
  directory: string;
  watchDirectory(
    directory: string,
    tell: { onChange(files: PromptFile[]): void; onError(error: unknown): void },
  ): Promise<{ files: PromptFile[]; close(): void }>;
  importModules(directory: string): Promise<Module[]>;
  syntax: ReferenceSyntax;
  registry: Registry;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

interface Module {
  path: string;
  exports: Readonly<Record<string, unknown>>;
}

export interface Compositions {
  /** By name. */
  list(): Composition[];
  /** Undefined where there is none of this name. */
  get(name: string): Composition | undefined;
}

export interface StartedCompositions {
  compositions: Compositions;
  /** For `/readyz`: rejects with what is wrong with the files. The process serves with what they held before. */
  check: { name: string; advisory: true; check(): Promise<void> };
  close(): void;
}

/** The compositions of a service, read again whenever a file changes. Throws `invalid_config` with all faults at once. */
export async function startCompositions(deps: StartCompositionsDeps): Promise<StartedCompositions> {
  const valid = new Gauge({
    name: 'planyard_compositions_valid',
    help: '1 while every composition holds, 0 while the last good version of one stays in use',
    registers: [deps.registry],
  });
  let loaded: Loaded = { byPath: new Map(), faults: [] };
  let unreadable: string[] = [];
  const faults = () => [...loaded.faults, ...unreadable];

  const modules = await deps.importModules(deps.directory);
  const read = (files: PromptFile[], before: Loaded) => readAll(files, modules, deps.syntax, before);
  const directory = await deps.watchDirectory(deps.directory, {
    onChange(files) {
      unreadable = [];
      loaded = read(files, loaded);
      report();
    },
    onError(error) {
      unreadable = [`the compositions cannot be read (${error instanceof Error ? error.message : error})`];
      report();
    },
  });
  loaded = read(directory.files, loaded);
  if (loaded.faults.length > 0) {
    directory.close();
    throw new PlanyardError('invalid_config', loaded.faults.join('; '));
  }
  valid.set(1);

  function report(): void {
    const wrong = faults();
    valid.set(wrong.length === 0 ? 1 : 0);
    if (wrong.length === 0)
      deps.log.info({ compositions: list().map(({ name }) => name) }, 'compositions: read again');
    else deps.log.warn({ faults: wrong }, 'compositions: a file is broken, its last good version stays');
  }

  function list(): Composition[] {
    return [...loaded.byPath.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  return {
    compositions: { list, get: (name) => list().find((each) => each.name === name) },
    check: {
      name: 'compositions',
      advisory: true,
      async check() {
        const wrong = faults();
        if (wrong.length > 0) throw new Error(wrong.join('; '));
      },
    },
    close: directory.close,
  };
}

interface Loaded {
  byPath: ReadonlyMap<string, Composition>;
  faults: string[];
}

/** Each file's composition; what a broken file held before stays. */
function readAll(files: PromptFile[], modules: Module[], syntax: ReferenceSyntax, before: Loaded): Loaded {
  const byPath = new Map<string, Composition>();
  const faults: string[] = [];
  const sources = [
    ...modules.map(({ path, exports }) => ({ path, raw: (): unknown => exports.composition })),
    ...files.map(({ path, text }) => ({ path, raw: () => parseYaml(text, path) })),
  ];
  for (const { path, raw } of sources) {
    try {
      const composition = parseComposition(raw(), path, syntax);
      const twin = [...byPath].find(([, each]) => each.name === composition.name);
      if (twin) faults.push(`${path}: ${twin[0]} holds a composition ${composition.name} already`);
      else byPath.set(path, composition);
    } catch (error) {
      if (!(error instanceof PlanyardError)) throw error;
      faults.push(error.message);
      const was = before.byPath.get(path);
      if (was) byPath.set(path, was);
    }
  }
  return { byPath, faults };
}
