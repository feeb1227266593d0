import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { inheritedEnv } from '../support/env.ts';

export const root = resolve(import.meta.dirname, '../..');

/** The path of an installed package's file. */
export function installed(path: string): string {
  return join(root, 'node_modules', path);
}

/** Runs a command of this Node in the root with its output shown; true when it succeeded within `limitMs`. */
export async function runNode(
  args: string[],
  options: { limitMs: number; env?: Record<string, string> },
): Promise<boolean> {
  return await new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: inheritedEnv(options.env),
    });
    const timer = setTimeout(() => {
      process.stderr.write(`still running after ${options.limitMs / 1000} s: stopped\n`);
      child.kill('SIGKILL');
    }, options.limitMs);
    child.once('error', () => done(false));
    child.once('exit', (code) => {
      clearTimeout(timer);
      done(code === 0);
    });
  });
}
