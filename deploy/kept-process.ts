import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EXIT_STARTUP_ERROR } from '@planyard/runtime';

export interface KeptProcess {
  name: string;
  /** Settles when it has ended for good: it was stopped, or only the user can help. */
  ended: Promise<{ startupError: boolean }>;
  /** Passes a signal on; after the first one it is not started again. */
  stop(signal: NodeJS.Signals): void;
}

const firstBackoffMs = 500;
const maxBackoffMs = 10_000;
/** A process that ran this long was healthy: its next crash counts as the first. */
const healthyMs = 60_000;

/** Runs a service's entry with its output prefixed, and starts it again when it crashes. */
export function keepRunning(options: {
  name: string;
  entry: string;
  env: NodeJS.ProcessEnv;
  print: (line: string) => void;
}): KeptProcess {
  const { name, entry, env } = options;
  const print = (line: string) => options.print(`${name.padEnd(14)}| ${line}`);
  let child: ChildProcess | undefined;
  let stopping = false;
  let endBackoff: (() => void) | undefined;

  const runOnce = () =>
    new Promise<number | NodeJS.Signals>((resolve) => {
      // The channel closes when this process is killed; the service then drains.
      const started = spawn(process.execPath, [...process.execArgv, entry], {
        env,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr])
        if (stream) createInterface({ input: stream }).on('line', print);
      started.once('exit', (code, signal) => resolve(code ?? signal ?? 1));
      started.once('error', (error) => {
        print(error.message);
        resolve(1);
      });
    });

  const run = async () => {
    for (let crashes = 0; ; ) {
      const startedAt = Date.now();
      const how = await runOnce();
      if (how === EXIT_STARTUP_ERROR) return { startupError: true };
      if (stopping || how === 0) return { startupError: false };
      crashes = Date.now() - startedAt > healthyMs ? 1 : crashes + 1;
      const wait = Math.min(firstBackoffMs * 2 ** (crashes - 1), maxBackoffMs);
      print(`ended with ${how}; starting it again in ${wait / 1000} s`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        endBackoff = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (stopping) return { startupError: false };
    }
  };

  return {
    name,
    ended: run(),
    stop: (signal) => {
      stopping = true;
      endBackoff?.();
      child?.kill(signal);
    },
  };
}
