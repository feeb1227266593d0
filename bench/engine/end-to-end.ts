import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@planyard/runtime';
import { createClient } from '@planyard/sdk';
import { connectStore, createKey, migrate } from '@planyard/store';
import { inheritedEnv, testEnv } from '../../test/support/env.ts';
import { startPostgres } from '../../test/support/start-postgres.ts';
import { type Figure, figure, percentile } from '../report.ts';
import { CASES } from './graphs.ts';

/**
 * From POST to `run.completed` over the real gateway and a real archive: key, rate limit, commit, plan, steps, join,
 * archive in Postgres, event. Only the plan and the tools are the bench's, which run in processes of their own already.
 */
export async function endToEnd(
  redisUrl: string,
  repeats: number,
  log: Parameters<typeof connectStore>[0]['log'],
): Promise<Figure[]> {
  const { databaseUrl, cacheDir } = testEnv();
  const postgres = await startPostgres({
    databaseUrl,
    cacheDir,
    progress: (text) => console.error(text),
  }).catch((error: Error) => {
    console.error(`end_to_end_ms_p50 is not measured: ${error.message}`);
    return null;
  });
  if (!postgres) return [];
  const store = connectStore({ databaseUrl: postgres.url, poolSize: 1, log });
  await migrate(store.db);
  const owner = {
    name: 'bench',
    user: 'bench',
    tenant: 'default',
    scopes: ['runs:read' as const, 'runs:write' as const],
  };
  const { key } = await createKey(store.db, owner, { now: new Date() });
  await store.close();

  const port = await freePort();
  const services = ['gateway', 'results'].map((service) =>
    startService(service, { redisUrl, databaseUrl: postgres.url, port }),
  );
  try {
    const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: key });
    await untilReady(client);
    const figures: Figure[] = [];
    for (const [name, { steps }] of Object.entries(CASES)) {
      const question = JSON.stringify(steps);
      const times: number[] = [];
      for (let index = -2; index < repeats; index += 1) {
        const began = performance.now();
        const { id } = await client.runs.create({ question });
        for await (const _ of client.runs.events(id));
        if (index >= 0) times.push(performance.now() - began);
      }
      figures.push(figure(name, 'end_to_end_ms_p50', 'ms', percentile(times, 0.5)));
    }
    return figures;
  } finally {
    for (const service of services) service.kill('SIGKILL');
    await postgres.close();
  }
}

function startService(
  service: string,
  at: { redisUrl: string; databaseUrl: string; port: number },
): ChildProcess {
  const entry = fileURLToPath(new URL(`../../services/${service}/src/main.ts`, import.meta.url));
  return spawn(process.execPath, [entry], {
    env: inheritedEnv({
      REDIS_URL: at.redisUrl,
      DATABASE_URL: at.databaseUrl,
      PORT: String(at.port),
      METRICS_PORT: '0',
      PLANYARD_RATE_LIMIT: '1000000',
      LOG_LEVEL: 'error',
    }),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function untilReady(client: ReturnType<typeof createClient>): Promise<void> {
  for (;;) {
    const ready = await client.ready().catch(() => null);
    if (ready?.ready) return;
    await wait(100);
  }
}
