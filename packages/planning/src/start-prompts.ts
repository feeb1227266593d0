import { Gauge, type Registry } from 'prom-client';
import { PROMPTS_IN_USE } from './prompts-in-use.ts';
import type { PromptFile } from './read-prompts.ts';
import { createPromptRegistry, type PromptRegistry } from './registry.ts';

export interface StartPromptsDeps {
  /** Reads the prompt files and tells when they have become others, or cannot be read. */
  watch(tell: {
    onChange(files: PromptFile[]): void;
    onError(error: unknown): void;
  }): Promise<{ files: PromptFile[]; close(): void }>;
  registry: Registry;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface StartedPrompts {
  prompts: PromptRegistry;
  /** For `/readyz`: rejects with what is wrong with the files. The process serves with what they held before. */
  check: { name: string; advisory: true; check(): Promise<void> };
  close(): void;
}

/** The prompts of a service, read again whenever a file changes. Throws `invalid_config` with all faults at once. */
export async function startPrompts({ watch, registry, log }: StartPromptsDeps): Promise<StartedPrompts> {
  const valid = new Gauge({
    name: 'planyard_prompts_valid',
    help: '1 while every prompt file holds, 0 while the last good version of one stays in use',
    registers: [registry],
  });
  let unreadable: string[] = [];
  const faults = () => [...prompts.faults(), ...unreadable];

  const directory = await watch({
    onChange(files) {
      unreadable = [];
      prompts.update(files);
      report();
    },
    onError(error) {
      unreadable = [`the prompt files cannot be read (${error instanceof Error ? error.message : error})`];
      report();
    },
  });
  const prompts = openRegistry(directory);
  valid.set(1);

  function report(): void {
    const wrong = faults();
    valid.set(wrong.length === 0 ? 1 : 0);
    const current = prompts.list().map((prompt) => `${prompt.name}@${prompt.current}`);
    if (wrong.length === 0) log.info({ prompts: current }, 'prompts: read again');
    else
      log.warn({ faults: wrong, prompts: current }, 'prompts: a file is broken, its last good version stays');
  }

  return {
    prompts,
    check: {
      name: 'prompts',
      advisory: true,
      async check() {
        const wrong = faults();
        if (wrong.length > 0) throw new Error(wrong.join('; '));
      },
    },
    close: directory.close,
  };
}

function openRegistry({ files, close }: { files: PromptFile[]; close(): void }): PromptRegistry {
  try {
    return createPromptRegistry(files, PROMPTS_IN_USE);
  } catch (error) {
    close();
    throw error;
  }
}
