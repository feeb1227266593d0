import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Finding } from './finding.ts';

const run = promisify(execFile);

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const ok = major > 22 || (major === 22 && minor >= 18);
  return {
    name: 'Node',
    state: ok ? 'ok' : 'bad',
    detail: version,
    ...(ok ? {} : { fix: 'Run through `npx planyard` or `npm start`: they bring a Node that fits.' }),
  };
}

/** Code steps run in bubblewrap. */
export async function checkSandbox(): Promise<Finding> {
  const name = 'Sandbox';
  const version = await output('bwrap', ['--version']);
  const fix = 'Steps that run code need bubblewrap: sudo apt-get install bubblewrap';
  if (version === null) return { name, state: 'note', detail: 'no bubblewrap', fix };
  const works = await output('bwrap', ['--ro-bind', '/', '/', '--unshare-all', 'true']);
  if (works !== null) return { name, state: 'ok', detail: version };
  return {
    name,
    state: 'note',
    detail: `${version}, but it may not make a namespace`,
    fix: 'Allow unprivileged user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1, or, on Ubuntu, kernel.apparmor_restrict_unprivileged_userns=0',
  };
}

async function output(command: string, args: string[]): Promise<string | null> {
  return await run(command, args, { timeout: 5_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}
