import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openModelSource } from '@planyard/llm';

const run = promisify(execFile);

/** What this machine offers besides what we brought. */
export interface Surroundings {
  providers: Array<{ name: string; source: string }>;
  docker: boolean;
  bubblewrap: boolean;
}

async function answers(command: string, args: string[]): Promise<boolean> {
  return await run(command, args, { timeout: 2_000 }).then(
    () => true,
    () => false,
  );
}

/** Throws `invalid_config` for a broken `planyard.yaml`. */
export async function lookAround(
  env: Record<string, string | undefined>,
  log: Parameters<typeof openModelSource>[0]['log'],
): Promise<Surroundings> {
  const [source, docker, bubblewrap] = await Promise.all([
    openModelSource({ env, secrets: env, directory: process.cwd(), fetch, log }),
    answers('docker', ['info']),
    answers('bwrap', ['--version']),
  ]);
  const providers = source.found().map(({ name, source: from }) => ({ name, source: from }));
  source.close();
  return { providers, docker, bubblewrap };
}
