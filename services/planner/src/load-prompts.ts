import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPromptRegistry, type PromptRegistry } from '@planyard/planning';

/** Reads every YAML file under a directory. Throws `invalid_config` for a broken one. */
export async function loadPrompts(dir: string): Promise<PromptRegistry> {
  const names = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.yaml')).sort();
  const files = names.map(async (name) => ({ path: name, text: await readFile(join(dir, name), 'utf8') }));
  return createPromptRegistry(await Promise.all(files));
}
