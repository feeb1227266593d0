import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { journalClock, type Kill } from './journal.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ENTRIES = {
  gateway: 'services/gateway/src/main.ts',
  planner: 'services/planner/src/main.ts',
  'tool-worker': 'test/chaos/tool-worker.ts',
  results: 'services/results/src/main.ts',
} as const;
/** A service that cannot even start is not started for ever. */
const MAX_ENDED = 10;
export type ServiceName = keyof typeof ENTRIES;

export interface RunningServices {
  /** SIGKILL to one process of the service; another takes its place at once. */
  kill(service: ServiceName, index: number): void;
  /** Stops a process in its tracks for a while: its leases run out, then it goes on as if nothing had happened. */
  freeze(service: ServiceName, index: number, ms: number): void;
  count(service: ServiceName): number;
  /** Processes that ended although nobody killed them. */
  ended: string[];
  kills: Kill[];
  close(): Promise<void>;
}

export interface ServicesOptions {
  env: NodeJS.ProcessEnv;
  gatewayPorts: number[];
  counts: Record<ServiceName, number>;
  logDir: string;
  /** Modules loaded before the service. */
  preload: string[];
}

/** Every service as processes of its own, started again whenever one dies. */
export function startServices({
  env,
  gatewayPorts,
  counts,
  logDir,
  preload,
}: ServicesOptions): RunningServices {
  const children = new Map<string, ChildProcess>();
  const ended: string[] = [];
  const kills: Kill[] = [];
  let closing = false;

  function start(service: ServiceName, index: number): void {
    const log = createWriteStream(join(logDir, `${service}-${index}.log`), { flags: 'a' });
    const child = spawn(
      process.execPath,
      [...preload.flatMap((module) => ['--import', module]), join(ROOT, ENTRIES[service])],
      {
        env: {
          ...env,
          METRICS_PORT: '0',
          // Chaos makes tools fail on purpose.
          TOOL_BREAKER_PERCENT: '100',
          ...(service === 'gateway' ? { PORT: String(gatewayPorts[index]) } : {}),
        },
        // The channel closes when this process is killed: a service then ends too.
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    children.set(`${service}-${index}`, child);
    child.once('exit', (code, signal) => {
      if (closing) return;
      if (signal !== 'SIGKILL')
        ended.push(`${service}-${index} ended by itself with ${signal ?? code}; see its log`);
      if (ended.length < MAX_ENDED) start(service, index);
    });
  }

  function hit(service: ServiceName, index: number, signal: 'SIGKILL' | 'SIGSTOP') {
    const child = children.get(`${service}-${index}`);
    if (child?.pid === undefined) return null;
    child.kill(signal);
    const kill: Kill = { at: journalClock(), pid: child.pid, what: service, frozen: signal === 'SIGSTOP' };
    kills.push(kill);
    return { child, kill };
  }

  for (const service of Object.keys(ENTRIES) as ServiceName[])
    for (let index = 0; index < counts[service]; index += 1) start(service, index);

  return {
    kill: (service, index) => void hit(service, index, 'SIGKILL'),
    freeze(service, index, ms) {
      const frozen = hit(service, index, 'SIGSTOP');
      if (!frozen) return;
      setTimeout(() => {
        frozen.kill.until = journalClock();
        frozen.child.kill('SIGCONT');
      }, ms);
    },
    count: (service) => counts[service],
    ended,
    kills,
    async close() {
      closing = true;
      const exits = [...children.values()].map(
        (child) =>
          child.exitCode !== null ||
          child.signalCode !== null ||
          new Promise((resolve) => child.once('exit', resolve)),
      );
      for (const child of children.values()) child.kill('SIGKILL');
      await Promise.all(exits);
    },
  };
}
