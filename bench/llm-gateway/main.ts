import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogger, findRedisServer, freePort, startRedisServer } from '@planyard/runtime';
import { connectStore, createKey, migrate } from '@planyard/store';
import { testEnv } from '../../test/support/env.ts';
import { startPostgres } from '../../test/support/start-postgres.ts';
import { type Figure, figure, percentile, report } from '../report.ts';
import { type Gateway, gatewayKinds, installPortkey, OTHER_CORE, startGateway } from './gateways.ts';
import { type Reply, type Target, Wire } from './wire.ts';

/*
 * What a gateway adds to a model call: the gateway alone on one core; provider, load, Redis and Postgres on the other.
 * `-- --only planyard,bare` measures some of them, `--requests N` with fewer requests.
 */

const { values: flags } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', default: 'bare,portkey,planyard' },
    requests: { type: 'string', default: '100000' },
  },
});
const only = flags.only.split(',');
const total = Number(flags.requests);
/** Turns of each gateway under load. */
const ROUNDS = 10;

// What is started from here runs on this core too.
execFileSync('taskset', ['-apc', OTHER_CORE, String(process.pid)], { stdio: 'ignore' });
if (only.includes('portkey')) installPortkey();
const log = createLogger({ service: 'bench', level: 'error' });
const dir = await mkdtemp(join(tmpdir(), 'planyard-bench-'));
const progress = (text: string) => console.error(text);
const source = await findRedisServer({ cacheDir: join(homedir(), '.cache', 'planyard'), progress });
const redis = await startRedisServer({ source, dir, password: 'bench' });
const { databaseUrl, cacheDir } = testEnv();
const postgres = await startPostgres({ databaseUrl, cacheDir, progress });
const store = connectStore({ databaseUrl: postgres.url, poolSize: 1, log });
await migrate(store.db);
const owner = { name: 'bench', user: 'bench', tenant: 'default', scopes: ['models:call' as const] };
const { key } = await createKey(store.db, owner, { now: new Date() });
await store.close();
const upstreamPort = await freePort();
const upstream = fork(new URL('./upstream.ts', import.meta.url), [String(upstreamPort)]);
await once(upstream, 'message');
const direct: Target = { port: upstreamPort, headers: {}, model: 'gpt-5-mini' };

/** Milliseconds of replies, one after the other on each of `concurrency` connections. */
async function ask(target: Target, concurrency: number, count: number, streaming = false): Promise<Reply[]> {
  const wires = await Promise.all(Array.from({ length: concurrency }, () => Wire.open(target, streaming)));
  const replies: Reply[] = [];
  let left = count;
  const work = async (wire: Wire) => {
    while (left > 0) {
      left -= 1;
      replies.push(await wire.ask());
    }
  };
  await Promise.all(wires.map(work));
  for (const wire of wires) wire.close();
  return replies;
}

/** What `target` takes longer than the provider alone, at a percentile of each; in turns, so that both meet the same weather. */
async function added(
  target: Target,
  options: { concurrency: number; rounds: number; count: number; streaming?: boolean },
): Promise<(share: number) => number> {
  const { concurrency, rounds, count, streaming = false } = options;
  const through: number[] = [];
  const alone: number[] = [];
  const timeOf = (reply: Reply) => (streaming ? reply.firstMs : reply.ms);
  for (let round = 0; round < rounds; round += 1) {
    alone.push(...(await ask(direct, concurrency, count, streaming)).map(timeOf));
    through.push(...(await ask(target, concurrency, count, streaming)).map(timeOf));
  }
  return (share) => percentile(through, share) - percentile(alone, share);
}

type Named = [name: string, gateway: Gateway];

/** What each takes longer than the provider alone. */
async function latencies([name, gateway]: Named): Promise<Figure[]> {
  const target = (atMost: number) => (name === 'planyard' ? { atMost } : undefined);
  await ask(gateway, 50, total / 20);
  const one = await added(gateway, { concurrency: 1, rounds: 5, count: Math.ceil(total / 100) });
  const fifty = await added(gateway, { concurrency: 50, rounds: 3, count: total / 20 });
  await ask(gateway, 10, 500, true);
  const stream = await added(gateway, { concurrency: 1, rounds: 3, count: 100, streaming: true });
  return [
    figure(`${name}_c1`, 'added_ms_p50', 'ms', one(0.5), target(0.5)),
    figure(`${name}_c1`, 'added_ms_p99', 'ms', one(0.99), target(3)),
    figure(`${name}_c50`, 'added_ms_p50', 'ms', fifty(0.5)),
    figure(`${name}_c50`, 'added_ms_p99', 'ms', fifty(0.99)),
    figure(`${name}_stream`, 'added_ttft_ms_p50', 'ms', stream(0.5), target(1)),
  ];
}

interface Round {
  rps: number;
  cpuMs: number;
  /** Right after it: a heap that is idle shrinks. */
  rssMb: number;
}

async function roundOf(gateway: Gateway, count: number): Promise<Round> {
  const cpuBefore = gateway.cpuMs();
  const began = performance.now();
  await ask(gateway, 50, count);
  return {
    rps: (count * 1000) / (performance.now() - began),
    cpuMs: (gateway.cpuMs() - cpuBefore) / count,
    rssMb: gateway.rssMb(),
  };
}

/** Requests a second and what they cost, in turns of a second or so: a machine that is quick now and slow then is so for each of them. */
async function throughput(gateways: Named[]): Promise<Figure[]> {
  // The heap has found its size after as many: what grows from here on is kept for ever.
  const rssBefore: Record<string, number> = {};
  for (const [name, gateway] of gateways) rssBefore[name] = (await roundOf(gateway, total)).rssMb;
  const rounds: Record<string, Round[]> = Object.fromEntries(gateways.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, gateway] of gateways) rounds[name]?.push(await roundOf(gateway, total / ROUNDS));

  const median = (name: string, of: (round: Round) => number) =>
    percentile((rounds[name] ?? []).map(of), 0.5);
  const rssAfter = (name: string) => rounds[name]?.at(-1)?.rssMb ?? Number.NaN;
  const figures = gateways.flatMap(([name]) => [
    figure(
      name,
      'rps',
      '1/s',
      median(name, ({ rps }) => rps),
    ),
    figure(
      name,
      'cpu_ms',
      'ms',
      median(name, ({ cpuMs }) => cpuMs),
    ),
    figure(name, 'rss_mb', 'MB', rssAfter(name)),
    figure(
      name,
      'rss_growth_mb',
      'MB',
      rssAfter(name) - (rssBefore[name] ?? Number.NaN),
      name === 'planyard' ? { atMost: 32 } : undefined,
    ),
  ]);
  const { planyard, portkey } = rounds;
  if (planyard && portkey) {
    const ratios = planyard.map(({ rps }, index) => rps / (portkey[index]?.rps ?? Number.NaN));
    figures.push(figure('planyard', 'rps_vs_portkey', '', percentile(ratios, 0.5), { atLeast: 4 }));
  }
  return figures;
}

const started: Named[] = [];
try {
  const kinds = gatewayKinds({ upstreamPort, redisUrl: redis.url, databaseUrl: postgres.url, key });
  for (const [name, kind] of Object.entries(kinds))
    if (only.includes(name)) started.push([name, await startGateway(kind)]);
  const figures: Figure[] = [];
  for (const each of started) {
    progress(`latencies of ${each[0]} …`);
    figures.push(...(await latencies(each)));
  }
  progress('requests a second, in turns …');
  figures.push(...(await throughput(started)));
  await report(figures, flags.json);
} finally {
  for (const [, gateway] of started) await gateway.close();
  upstream.kill();
  await postgres.close();
  await redis.close();
  await rm(dir, { recursive: true, force: true });
}
