import { type ChildProcess, spawn } from 'node:child_process';

export interface GuardedChild {
  /** Its stderr is a pipe. */
  process: ChildProcess;
  /** Settles when the child has ended, wanted or not. */
  exited: Promise<void>;
  /** Asks the child to end with the chosen signal and waits until it has. */
  close(): Promise<void>;
  /** SIGKILL to the child and all its processes, as a crash would end them. */
  kill(): Promise<void>;
}

/**
 * Ends the command when our end of its stdin closes, which happens however this process dies, SIGKILL included.
 */
const watchdog = `
signal=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & guarded=$!
( read -r _ <&3; kill -s $signal $guarded ) 2>/dev/null & watch=$!
exec 3<&-
wait $guarded; code=$?
kill $watch 2>/dev/null
exit $code
`;

/**
 * Runs a server program that must not outlive this process, in a session of its own, so that a terminal's Ctrl-C
 * reaches only us and we choose when it ends. Needs a POSIX shell.
 */
export function spawnGuarded(command: string[], endSignal: 'TERM' | 'INT'): GuardedChild {
  const child = spawn('sh', ['-c', watchdog, 'guarded', endSignal, ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  // The pipe breaks when the child ends first.
  child.stdin.on('error', () => {});
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return {
    process: child,
    exited,
    close: async () => {
      child.stdin.end();
      await exited;
    },
    kill: async () => {
      if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await exited;
    },
  };
}
