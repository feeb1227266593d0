import { resolve } from 'node:path';
import type { ModelServer } from '@planyard/llm/testing';
import { freePort } from '@planyard/runtime';
import { type Client, createClient } from '@planyard/sdk';
import { createKey } from '@planyard/store';
import { openPostgres } from '@planyard/store/testing';
import { hospital } from '../questions/hospital.ts';
import { loadFixture } from '../questions/inventory-fixture.ts';
import { type StartedProcess, startProcess } from './started-process.ts';

/** Each service as a process of its own, two of them planners, over an inventory, and a client at their door. */
export interface Processes {
  client: Client;
  planners: StartedProcess[];
  /** Another planner joins `planners`. */
  startPlanner(): void;
  /** Kills all of them. */
  close(): Promise<void>;
}

export interface ProcessesOptions {
  redisUrl: string;
  /** Processes share no PGlite. */
  postgresUrl: string;
  /** The model that plans and answers. */
  server: ModelServer;
  /** Settings of any service. */
  env: Record<string, string>;
  /** A script with its arguments, instead of the tool worker's own. */
  toolWorker?: string[];
}

export async function openProcesses(options: ProcessesOptions): Promise<Processes> {
  const database = await openPostgres(options.postgresUrl);
  const port = await freePort();
  const env = {
    REDIS_URL: options.redisUrl,
    DATABASE_URL: database.url,
    PORT: String(port),
    METRICS_PORT: '0',
    PLANYARD_RATE_LIMIT: '100000',
    OPENAI_BASE_URL: options.server.url,
    OPENAI_API_KEY: 'sk-story',
    PLANYARD_MODEL: 'openai/gpt-5-mini',
    LOG_LEVEL: 'info',
    ...options.env,
  };
  const main = (service: string) => [resolve(import.meta.dirname, `../../services/${service}/src/main.ts`)];
  const planners: StartedProcess[] = [];
  const startPlanner = () => void planners.push(startProcess(main('planner'), env));
  const gateway = startProcess(main('gateway'), env);
  const tools = startProcess(options.toolWorker ?? main('tool-worker'), env);
  const others = [gateway, tools, startProcess(main('results'), env)];
  startPlanner();
  startPlanner();
  async function close() {
    const all = [...others, ...planners];
    for (const each of all) each.signal('SIGKILL');
    await Promise.all(all.map(({ ended }) => ended));
    await database.close();
  }
  try {
    const owner = { name: 'story', user: 'story', tenant: 'default', scopes: ['admin' as const] };
    const { key } = await createKey(database.db, owner, { now: new Date() });
    await loadFixture(database.db, 'default', hospital, new Date());
    await gateway.printed(/gateway listens/);
    await tools.printed(/tool worker runs/);
    await Promise.all(planners.map((planner) => planner.printed(/planner runs/)));
    const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: key });
    return { client, planners, startPlanner, close };
  } catch (error) {
    await close();
    throw error;
  }
}
