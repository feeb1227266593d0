// Runs a TypeScript entry in a child process: signals go in, the exit code comes out, a crash is restarted.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';

/** A child ends with this code (sysexits' EX_CONFIG) when only the user can help: it has said why, and is not restarted. */
const exitConfig = 78;

const firstBackoffMs = 500;
const maxBackoffMs = 10_000;
/** A child that ran this long was healthy: its next crash counts as the first. */
const healthyMs = 60_000;
const maxCrashesInARow = 6;

/** @typedef {{ node: string, nodeArgs: string[], compileCache: string, entry: string, args: string[], supervised: boolean }} Launch */

/**
 * @param {Launch} options
 * @param {(child: import('node:child_process').ChildProcess) => void} onSpawn
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null }>}
 */
function runOnce({ node, nodeArgs, compileCache, entry, args }, onSpawn) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...nodeArgs, entry, ...args], {
      // The channel carries no messages: it closes when this process is killed, and a server then drains.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: {
        // Halves a warm start: types are stripped and modules compiled once.
        NODE_COMPILE_CACHE: compileCache,
        ...process.env,
        PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
      },
    });
    onSpawn(child);
    child.once('error', (error) =>
      reject(new BootstrapError(`${node} cannot be started on this machine: ${error.message}`)),
    );
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0), signal }),
    );
  });
}

/**
 * Runs the entry until it ends by itself, by a signal sent to us, or has crashed too often.
 * @param {Launch} options
 * @returns {Promise<number>} the exit code to end with
 */
export async function launch(options) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  let stopping = false;
  /** @type {(() => void) | undefined} */
  let endBackoff;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.on(signal, () => {
      stopping = true;
      endBackoff?.();
      // A terminal sends Ctrl-C to the whole process group: the child has it already.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child?.kill(signal);
    });
  }

  for (let crashes = 0; ; ) {
    const startedAt = Date.now();
    const { code, signal } = await runOnce(options, (spawned) => {
      child = spawned;
    });
    if (code === exitConfig) return 1;
    if (!options.supervised || stopping || code === 0) return code;
    crashes = Date.now() - startedAt > healthyMs ? 1 : crashes + 1;
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    if (crashes >= maxCrashesInARow) {
      process.stderr.write(`planyard: the server ${how}, ${crashes} times in a row; giving up\n`);
      return code;
    }
    const delay = Math.min(firstBackoffMs * 2 ** (crashes - 1), maxBackoffMs);
    process.stderr.write(`planyard: the server ${how}; starting it again in ${delay / 1000} s\n`);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      endBackoff = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
    if (stopping) return code;
  }
}
