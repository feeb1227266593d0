import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Discovery, discoverProviders } from '@planyard/llm';

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

export async function lookAround(env: Record<string, string | undefined>): Promise<Surroundings> {
  const [discovery, docker, bubblewrap]: [Discovery, boolean, boolean] = await Promise.all([
    discoverProviders(env, fetch),
    answers('docker', ['info']),
    answers('bwrap', ['--version']),
  ]);
  const providers = discovery.providers.map(({ name, source }) => ({ name, source }));
  return { providers, docker, bubblewrap };
}
