import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { newRunId, type RunId, type RunRecord, RunRequest } from '@planyard/contracts';
import { createEngine } from '@planyard/engine';
import { connectRedis, createLogger, findRedisServer, startRedisServer } from '@planyard/runtime';
import { Queue } from 'bullmq';
import { type Figure, figure, percentile, report } from '../report.ts';
import { cpuOf, ownCpu, redisCpu } from './cpu.ts';
import { endToEnd } from './end-to-end.ts';
import { type BenchStep, CASES, criticalPath, lattice } from './graphs.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'string' },
    repeats: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '8' },
    /** Of the throughput case alone. */
    throughput: { type: 'boolean', default: false },
  },
});
const log = createLogger({ service: 'bench', level: 'error' });
const dir = await mkdtemp(join(tmpdir(), 'planyard-bench-'));
const source = await findRedisServer({
  cacheDir: join(homedir(), '.cache', 'planyard'),
  progress: (text) => console.error(text),
});
const server = await startRedisServer({ source, dir, password: 'bench' });
const redis = connectRedis({ url: server.url, role: 'producer', name: 'bench', log });
const engine = createEngine({ redis, log });

/** When the planner began to add steps, of each run. */
const started = new Map<RunId, number>();
/** Who waits for the end of a run. */
const ends = new Map<RunId, () => void>();

async function start(role: string, archive = 'none'): Promise<ChildProcess> {
  const child = fork(new URL('./processes.ts', import.meta.url), [role, server.url, archive], {
    stdio: 'inherit',
  });
  await once(child, 'message');
  child.on(
    'message',
    ({ run_id, started: at, ended }: { run_id?: RunId; started?: number; ended?: boolean }) => {
      if (run_id && at !== undefined) started.set(run_id, at);
      if (run_id && ended) ends.get(run_id)?.();
    },
  );
  return child;
}

async function stop(children: ChildProcess[]): Promise<void> {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(
    children.map((child) => child.exitCode === null && child.signalCode === null && once(child, 'exit')),
  );
}

function record(steps: BenchStep[], trace = true): RunRecord {
  return {
    id: newRunId(Date.now()),
    incarnation: 1,
    partition: 0,
    caller: { tenant: 'default', user: 'bench', key_id: 'bench' },
    request_id: 'bench',
    request: RunRequest.parse({ question: JSON.stringify(steps), options: { trace } }),
    status: 'accepted',
    created_at: new Date().toISOString(),
  };
}

/** Runs one graph; milliseconds from the first `add-steps` to the last settle, and from submission to the end. */
async function runOnce(steps: BenchStep[]): Promise<{ graph: number; whole: number }> {
  const run = record(steps);
  const submitted = performance.now();
  await engine.submitRun(run);
  let lastSettle = 0;
  for await (const event of engine.followEvents(run.id, 0, AbortSignal.timeout(60_000)))
    if (event.type === 'step.completed') lastSettle = Date.parse(event.at);
  const whole = performance.now() - submitted;
  return { graph: lastSettle - (started.get(run.id) ?? Number.NaN), whole };
}

async function latencies(repeats: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, { steps, targetMs }] of Object.entries(CASES)) {
    const critical = criticalPath(steps);
    const overheads: number[] = [];
    const wholes: number[] = [];
    for (let index = -5; index < repeats; index += 1) {
      const { graph, whole } = await runOnce(steps);
      if (index < 0) continue;
      overheads.push(graph - critical);
      wholes.push(whole);
    }
    figures.push(
      figure(name, 'overhead_ms_p50', 'ms', percentile(overheads, 0.5), { atMost: targetMs }),
      figure(name, 'overhead_ms_p95', 'ms', percentile(overheads, 0.95)),
      figure(name, 'engine_end_to_end_ms_p50', 'ms', percentile(wholes, 0.5)),
    );
  }
  return figures;
}

/**
 * What this machine takes for a hop in which nothing is done: a timer of a step's length, then a trip to Redis, each of which
 * wakes a sleeping core. A chain of five waits for five of them at least.
 */
async function bareHop(hops: number): Promise<number> {
  const overheads: number[] = [];
  for (let hop = 0; hop < hops; hop += 1) {
    const began = performance.now();
    await wait(50);
    await redis.ping();
    overheads.push(performance.now() - began - 50);
  }
  return percentile(overheads, 0.5);
}

/** Steps a second with 50 lattices under way all the time. */
async function throughput(rounds: number, trace = true): Promise<number> {
  const steps = lattice(8, 0);
  const one = async () => {
    for (let round = 0; round < rounds; round += 1) {
      const run = record(steps, trace);
      // The process that ends it tells so: nobody reads its events, which would cost as much as a part of the run.
      const ended = new Promise<void>((resolve) => ends.set(run.id, resolve));
      await engine.submitRun(run);
      await ended;
      ends.delete(run.id);
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: 50 }, one));
  return (50 * rounds * steps.length * 1000) / (performance.now() - begin);
}

/** Steps a second, and the CPU that they took, of one measurement. */
async function throughputWithCpu(rounds: number, workers: ChildProcess[], phases: ChildProcess) {
  const cpus = async () => ({
    redis: await redisCpu(redis),
    workers: (await Promise.all(workers.map(cpuOf))).reduce((sum, cpu) => sum + cpu, 0),
    phases: await cpuOf(phases),
    client: ownCpu(),
  });
  const before = await cpus();
  const rate = await throughput(rounds);
  const after = await cpus();
  const steps = 50 * rounds * lattice(8, 0).length;
  const part = (name: keyof typeof before) => (after[name] - before[name]) / steps;
  return {
    rate,
    figures: (['redis', 'workers', 'phases', 'client'] as const).map((name) =>
      figure('throughput', `cpu_us_per_step_${name}`, 'µs', part(name)),
    ),
  };
}

/** What a step costs more with its events than without: the median of pairs, one after the other. */
async function traceCost(pairs: number): Promise<number> {
  const costs: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const without = await throughput(2, false);
    const traced = await throughput(2);
    costs.push(1000 / traced - 1000 / without);
  }
  return percentile(costs, 0.5);
}

/** Through BullMQ alone with two worker processes: no-op jobs a second, and how long one takes from its `add` to its start when nothing else is under way. */
async function rawBullmq(jobs: number, alone: number): Promise<{ rate: number; startMs: number }> {
  const queue = new Queue('raw', {
    connection: redis,
    prefix: 'raw:{p0}',
    streams: { events: { maxLen: 10 } },
  });
  const job = { name: 'noop', data: {}, opts: { removeOnComplete: true } };
  await queue.addBulk(Array.from({ length: jobs }, () => job));
  const children = await Promise.all([start('bullmq'), start('bullmq')]);
  const left = async () => (await queue.getWaitingCount()) + (await queue.getActiveCount());
  const begin = performance.now();
  const before = await left();
  while ((await left()) > 0) await wait(10);
  const rate = (before * 1000) / (performance.now() - begin);

  const delays: number[] = [];
  for (let at = 0; at < alone; at += 1) {
    await wait(50);
    const began = new Promise<number>((resolve) => {
      for (const child of children)
        child.once('message', ({ began_at }: { began_at: number }) => resolve(began_at));
    });
    const added = performance.timeOrigin + performance.now();
    await queue.add(job.name, { tells: true }, job.opts);
    delays.push((await began) - added);
    for (const child of children) child.removeAllListeners('message');
  }
  await stop(children);
  await queue.close();
  return { rate, startMs: percentile(delays, 0.5) };
}

try {
  const bullmq = await rawBullmq(30_000, flags.throughput ? 0 : 50);
  const workers = await Promise.all([start('worker'), start('worker')]);
  const phases = await start('phases');
  const figures = flags.throughput ? [] : await latencies(Number(flags.repeats));
  if (!flags.throughput)
    figures.push(
      figure('machine', 'bare_hop_ms_p50', 'ms', await bareHop(100)),
      figure('machine', 'bullmq_add_to_start_ms_p50', 'ms', bullmq.startMs),
    );
  await throughput(2);
  const { rate, figures: cpu } = await throughputWithCpu(Number(flags.rounds), workers, phases);
  const trace = flags.throughput ? null : await traceCost(5);
  await stop([...workers, phases]);
  if (!flags.throughput) {
    const archived = await Promise.all([start('worker'), start('worker'), start('phases', 'real')]);
    figures.push(...(await endToEnd(server.url, Number(flags.repeats), log)));
    await stop(archived);
  }
  figures.push(
    figure('throughput', 'steps_per_s', '1/s', rate, { atLeast: 2_283 }),
    figure('throughput', 'bullmq_jobs_per_s', '1/s', bullmq.rate),
    figure('throughput', 'ratio_to_bullmq', '', rate / bullmq.rate, { atLeast: 0.3 }),
    ...cpu,
  );
  if (trace !== null) figures.push(figure('trace', 'ms_per_step', 'ms', trace, { atMost: 1 }));
  await report(figures, flags.json);
} finally {
  await engine.close();
  redis.disconnect();
  await server.close();
  await rm(dir, { recursive: true, force: true });
}
