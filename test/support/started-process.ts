import { spawn } from 'node:child_process';
import { inheritedEnv } from './env.ts';

export interface StartedProcess {
  pid: number;
  /** What it printed so far, on both streams. */
  output(): string;
  /** Resolves when the output matches; rejects with the output when the process ends first. */
  printed(pattern: RegExp): Promise<void>;
  ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
}

/** Runs this Node on a script. */
export function startProcess(args: string[], env: Record<string, string> = {}): StartedProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: inheritedEnv(env) });
  let output = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
      for (const look of waiting) look();
    });
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(output)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void ended.then((how) => reject(new Error(`it ended with ${how}:\n${output}`)));
        look();
      }),
    ended,
    signal: (signal) => child.kill(signal),
  };
}
