import type { Env } from './config-env.ts';

/** The terminal, as commands use it: results go to `out`, everything else to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  outIsTty: boolean;
  errIsTty: boolean;
  /** Columns of stdout; without end where no terminal cuts lines. */
  outColumns: number;
  errColumns: number;
  /** Whether stderr may be coloured. */
  color: boolean;
  env: Env;
  cwd: string;
  now: () => number;
  /** Calls back at each Ctrl-C; returns the way to stop listening. */
  onInterrupt(handle: () => void): () => void;
}

/** NO_COLOR (no-color.org) and dumb terminals get none. */
function mayColor(env: Env, isTty: boolean): boolean {
  return isTty && !env.NO_COLOR && env.TERM !== 'dumb';
}

export function processIo(env: Env): Io {
  const { stdout, stderr } = process;
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    outIsTty: stdout.isTTY === true,
    errIsTty: stderr.isTTY === true,
    outColumns: stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY,
    errColumns: stderr.columns ?? 100,
    color: mayColor(env, stderr.isTTY === true),
    env,
    cwd: process.cwd(),
    now: Date.now,
    onInterrupt(handle) {
      process.on('SIGINT', handle);
      return () => process.off('SIGINT', handle);
    },
  };
}
