import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis, createLogger, findRedisServer, freePort, startRedisServer } from '@planyard/runtime';
import { connectStore, createKey, migrate } from '@planyard/store';
import { inheritedEnv, testEnv } from '../support/env.ts';
import { startPostgres } from '../support/start-postgres.ts';
import { driveRun } from './client.ts';
import { ClientLine, journalClock, readLines, ToolLine } from './journal.ts';
import { judge, type Verdict } from './judge.ts';
import { killAround } from './killer.ts';
import { leftovers } from './leftovers.ts';
import { startChaosModel } from './model.ts';
import { seededRandom } from './random.ts';
import { startServices } from './services.ts';

export interface ChaosOptions {
  runs: number;
  kills: number;
  /** Share of the kills that only freeze a process, 0 to 1. */
  freezes: number;
  seed: number;
  /** Runs under way at once. */
  clients: number;
  partitions: number;
  /** Milliseconds from acknowledgement within which a run must end. */
  patienceMs: number;
  without: string | undefined;
  keep: boolean;
  progress: (text: string) => void;
  /** Ends it early: rejects with the signal's reason once everything that was started has ended. */
  signal: AbortSignal;
}

export interface ChaosReport extends Verdict {
  seed: number;
  kills: Record<string, number>;
  seconds: number;
}

/** Load on separate processes while they, Redis and Postgres are killed at random moments; judged from what tools and clients wrote down. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const stop = new AbortController();
  const endings: (() => Promise<unknown>)[] = [];
  try {
    const signal = AbortSignal.any([options.signal, stop.signal]);
    return await playAndJudge({ ...options, signal }, (end) => void endings.push(end));
  } finally {
    stop.abort();
    for (const end of endings.toReversed()) await end();
  }
}

/** `atEnd` takes what ends each thing that is started; the last one started ends first. */
async function playAndJudge(
  options: ChaosOptions,
  atEnd: (end: () => Promise<unknown>) => void,
): Promise<ChaosReport> {
  const { cacheDir, databaseUrl } = testEnv();
  const { seed, partitions, progress, signal } = options;
  const dir = await mkdtemp(join(tmpdir(), 'planyard-chaos-'));
  atEnd(async () => {
    if (options.keep) progress(`chaos: logs and journals are in ${dir}`);
    else await rm(dir, { recursive: true, force: true });
  });
  const logDir = join(dir, 'logs');
  await mkdir(logDir);
  const tools = join(dir, 'tools.jsonl');
  const clients = join(dir, 'clients.jsonl');
  const began = performance.now();

  const source = await findRedisServer({ cacheDir, progress });
  const redisOptions = {
    source,
    dir: join(dir, 'redis'),
    password: 'chaos',
    port: await freePort(),
    // By default a Redis whose disk is slow answers up to two seconds before it writes: killed then, it takes back what the
    // engine was told. What is judged is the engine, so here each write is with the kernel before its answer.
    settings: ['appendfsync no'],
  };
  signal.throwIfAborted();
  let redisServer = await startRedisServer(redisOptions);
  atEnd(() => redisServer.close());
  signal.throwIfAborted();
  const postgres = await startPostgres({ databaseUrl, cacheDir, progress });
  atEnd(postgres.close);
  const model = await startChaosModel(seed);
  atEnd(model.close);
  const log = createLogger({ service: 'chaos', level: 'fatal' });
  const store = connectStore({ databaseUrl: postgres.url, poolSize: 2, log });
  await migrate(store.db);
  const { key } = await createKey(
    store.db,
    { name: 'chaos', user: 'chaos', tenant: 'default', scopes: ['runs:read', 'runs:write'] },
    { now: new Date() },
  );
  await store.close();

  signal.throwIfAborted();
  const gatewayPorts = [await freePort(), await freePort()];
  const services = startServices({
    env: inheritedEnv({
      REDIS_URL: redisServer.url,
      DATABASE_URL: postgres.url,
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'chaos',
      PLANYARD_MODEL: 'openai/chaos',
      PLANYARD_PARTITIONS: String(partitions),
      PLANYARD_RATE_LIMIT: '1000000',
      LOG_LEVEL: 'warn',
      CHAOS_TOOL_JOURNAL: tools,
      ...(options.without ? { CHAOS_OMIT: options.without } : {}),
    }),
    gatewayPorts,
    counts: { gateway: 2, planner: 2, 'tool-worker': 2, results: 2 },
    logDir,
    preload: options.without ? [new URL('./omit-guard.ts', import.meta.url).href] : [],
  });

  atEnd(services.close);

  const client = {
    gatewayUrls: gatewayPorts.map((port) => `http://127.0.0.1:${port}`),
    apiKey: key,
    journal: clients,
    patienceMs: options.patienceMs,
    signal,
  };
  progress(`chaos: ${options.runs} runs, ${options.kills} kills, seed ${seed}`);
  const firstRun = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => firstRun.reject(signal.reason));
  const victims = {
    services,
    crashRedis: async () => {
      services.kills.push({ at: journalClock(), pid: 0, what: 'redis', frozen: false });
      await redisServer.kill();
      redisServer = await startRedisServer(redisOptions);
    },
    crashPostgres: postgres.crash,
  };
  // Killing what is still starting shows little: it begins when the first run has ended.
  const killing = firstRun.promise.then(() => {
    progress('chaos: a run has ended, the kills begin');
    return killAround(
      seededRandom(seed),
      { kills: options.kills, freezes: options.freezes, pauseMs: [500, 3_000], signal },
      victims,
    );
  });
  // What it is just starting again must not outlive the rest.
  atEnd(() => killing.catch(() => {}));
  await driveAll(options, killing, async (run) => {
    await driveRun(client, run);
    firstRun.resolve();
  });
  const kills = await killing;

  const verdict = judge(
    await readLines(tools, ToolLine),
    await readLines(clients, ClientLine),
    services.kills,
  );
  const redis = connectRedis({ url: redisServer.url, role: 'producer', name: 'chaos', log });
  atEnd(async () => redis.disconnect());
  const left = await leftovers(redis, partitions, 20_000, signal);
  return {
    seed,
    kills,
    seconds: Math.round((performance.now() - began) / 1000),
    ...verdict,
    violations: [...services.ended, ...verdict.violations, ...left],
  };
}

/** The runs, some at a time, and more of them for as long as something is still being killed. */
async function driveAll(
  { runs, clients, progress }: ChaosOptions,
  killing: Promise<unknown>,
  drive: (run: number) => Promise<void>,
): Promise<void> {
  let killed = false;
  const over = killing.finally(() => {
    killed = true;
  });
  let next = 0;
  let done = 0;
  const worker = async () => {
    while (next < runs || !killed) {
      const run = next;
      next += 1;
      await drive(run);
      done += 1;
      if (done % 25 === 0) progress(`chaos: ${done} runs ended`);
    }
  };
  await Promise.all([over, ...Array.from({ length: clients }, worker)]);
}
