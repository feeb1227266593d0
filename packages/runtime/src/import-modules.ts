import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const MODULE = /(?<!\.d|\.test)\.[cm]?[jt]s$/;

export interface ImportedModule {
  /** From the directory on. */
  path: string;
  exports: Readonly<Record<string, unknown>>;
}

/** Imports every module that lies in a directory, by name. Throws what an import throws, with the file named. */
export async function importModules(dir: string): Promise<ImportedModule[]> {
  const paths = (await readdir(dir)).filter((path) => MODULE.test(path)).sort();
  return await Promise.all(
    paths.map(async (path) => {
      try {
        return { path, exports: await import(pathToFileURL(resolve(join(dir, path))).href) };
      } catch (cause) {
        throw new Error(`${join(dir, path)} cannot be imported: ${(cause as Error).message}`, { cause });
      }
    }),
  );
}
