import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@planyard/runtime';
import { inheritedEnv } from '../../test/support/env.ts';
import type { Target } from './wire.ts';

/** A gateway under measurement: a process on a core of its own. */
export interface Gateway extends Target {
  /** CPU time so far, in milliseconds. */
  cpuMs(): number;
  rssMb(): number;
  close(): Promise<void>;
}

const GATEWAY_CORE = '0';
export const OTHER_CORE = '1';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Ticks of /proc/PID/stat a second (proc(5)); 100 on every Linux of today. */
const TICKS = 100;

interface Kind {
  command: (port: number) => string[];
  env?: (port: number) => Record<string, string>;
  headers: Record<string, string>;
  model: string;
}

export interface Surroundings {
  upstreamPort: number;
  redisUrl: string;
  databaseUrl: string;
  key: string;
}

/** Limits and budgets are on and far away: what is measured is what they cost, not what they refuse. */
export function gatewayKinds({ upstreamPort, redisUrl, databaseUrl, key }: Surroundings) {
  const upstream = `http://127.0.0.1:${upstreamPort}/v1`;
  const kinds = {
    bare: {
      command: (port) => [here('bare.ts'), String(port), String(upstreamPort)],
      headers: {},
      model: 'gpt-5-mini',
    },
    planyard: {
      command: () => [here('../../services/gateway/src/main.ts')],
      env: (port) => ({
        REDIS_URL: redisUrl,
        DATABASE_URL: databaseUrl,
        PORT: String(port),
        METRICS_PORT: '0',
        OPENAI_BASE_URL: upstream,
        OPENAI_API_KEY: 'sk-bench',
        PLANYARD_MODEL_RATE_LIMIT: '10000000',
        PLANYARD_CONFIG: here('planyard.yaml'),
      }),
      headers: { authorization: `Bearer ${key}` },
      model: 'openai/gpt-5-mini',
    },
    portkey: {
      command: (port) => [
        here('portkey/node_modules/@portkey-ai/gateway/build/start-server.js'),
        '--headless',
        `--port=${port}`,
      ],
      env: () => ({ NODE_ENV: 'production' }),
      headers: {
        authorization: 'Bearer sk-bench',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': upstream,
      },
      model: 'gpt-5-mini',
    },
  } satisfies Record<string, Kind>;
  return kinds;
}

/** Installs Portkey from its own lockfile where it is not there yet. */
export function installPortkey(): void {
  if (existsSync(here('portkey/node_modules'))) return;
  console.error('installing @portkey-ai/gateway …');
  execFileSync('npm', ['ci'], { cwd: here('portkey'), stdio: ['ignore', 'ignore', 'inherit'] });
}

export async function startGateway(kind: Kind): Promise<Gateway> {
  const port = await freePort();
  const child = spawn('taskset', ['-c', GATEWAY_CORE, process.execPath, ...kind.command(port)], {
    env: inheritedEnv(kind.env?.(port)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await untilListening(port, child);
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    port,
    headers: kind.headers,
    model: kind.model,
    cpuMs() {
      const fields = proc('stat').split(') ')[1]?.split(' ') ?? [];
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
    },
    rssMb: () => Number(/VmRSS:\s+(\d+) kB/.exec(proc('status'))?.[1]) / 1024,
    async close() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`a gateway ended with ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await wait(50);
  }
}
