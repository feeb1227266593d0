// Every npm script enters here: install what is missing, find a Node that runs TypeScript, run the entry on it.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BootstrapError } from './bootstrap-error.mjs';
import { findNode } from './find-node.mjs';
import { ensureInstalled } from './install.mjs';
import { launch } from './launch.mjs';

/** Tests and benchmarks do not read `.env`: they must not meet the user's own databases. */
/** @type {Record<string, { entry: string, supervised?: boolean, readsEnvFile?: boolean }>} */
const commands = {
  start: { entry: 'services/standalone/src/main.ts', supervised: true, readsEnvFile: true },
  test: { entry: 'test/run.ts' },
  chaos: { entry: 'test/chaos/main.ts' },
  services: { entry: 'deploy/run-services.ts', readsEnvFile: true },
  'bench:engine': { entry: 'bench/engine/main.ts' },
  'bench:llm-gateway': { entry: 'bench/llm-gateway/main.ts' },
  'bench:planning': { entry: 'bench/planning/main.ts' },
  planyard: { entry: 'packages/cli/src/main.ts', readsEnvFile: true },
};

/**
 * @param {string} name one of the commands above
 * @param {string[]} args passed on to the entry
 */
export async function run(name, args) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  try {
    const command = commands[name];
    if (!command)
      throw new BootstrapError(`Unknown command ${name}; there are: ${Object.keys(commands).join(', ')}`);
    const entry = join(root, command.entry);
    if (!existsSync(entry)) throw new BootstrapError(`${command.entry} is missing from this checkout.`);
    await ensureInstalled(root);
    const envFile = join(root, '.env');
    process.exitCode = await launch({
      node: findNode(root),
      nodeArgs: command.readsEnvFile && existsSync(envFile) ? [`--env-file=${envFile}`] : [],
      compileCache: join(root, 'node_modules', '.cache', 'planyard-compile'),
      entry,
      args,
      supervised: command.supervised ?? false,
    });
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`planyard: ${error.message}\n`);
    process.exitCode = 1;
  }
}
