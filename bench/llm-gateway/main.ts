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
const total = Number(flags.requests);

// What is started from here runs on this core too.
execFileSync('taskset', ['-apc', OTHER_CORE, String(process.pid)], { stdio: 'ignore' });
installPortkey();
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

interface Measured {
  rps: number;
  figures: Figure[];
}

async function measure(name: string, gateway: Gateway): Promise<Measured> {
  const ours = name === 'planyard';
  const target = <T>(value: T) => (ours ? value : undefined);
  await ask(gateway, 50, total / 20);
  const one = await added(gateway, { concurrency: 1, rounds: 5, count: Math.ceil(total / 100) });
  const fifty = await added(gateway, { concurrency: 50, rounds: 3, count: total / 20 });
  await ask(gateway, 10, 500, true);
  const stream = await added(gateway, { concurrency: 1, rounds: 3, count: 100, streaming: true });

  // The heap has found its size after as many: what grows from here on is kept for ever.
  await ask(gateway, 50, total);
  const rssBefore = gateway.rssMb();
  const cpuBefore = gateway.cpuMs();
  const began = performance.now();
  await ask(gateway, 50, total);
  const seconds = (performance.now() - began) / 1000;
  const cpuMs = (gateway.cpuMs() - cpuBefore) / total;
  const rssMb = gateway.rssMb();
  return {
    rps: total / seconds,
    figures: [
      figure(`${name}_c1`, 'added_ms_p50', 'ms', one(0.5), target({ atMost: 0.5 })),
      figure(`${name}_c1`, 'added_ms_p99', 'ms', one(0.99), target({ atMost: 3 })),
      figure(`${name}_c50`, 'added_ms_p50', 'ms', fifty(0.5)),
      figure(`${name}_c50`, 'added_ms_p99', 'ms', fifty(0.99)),
      figure(name, 'rps', '1/s', total / seconds),
      figure(name, 'cpu_ms', 'ms', cpuMs),
      figure(name, 'rss_mb', 'MB', rssMb),
      figure(name, 'rss_growth_mb', 'MB', rssMb - rssBefore, target({ atMost: 32 })),
      figure(`${name}_stream`, 'added_ttft_ms_p50', 'ms', stream(0.5), target({ atMost: 1 })),
    ],
  };
}

try {
  const kinds = gatewayKinds({ upstreamPort, redisUrl: redis.url, databaseUrl: postgres.url, key });
  const figures: Figure[] = [];
  const rates = new Map<string, number>();
  for (const [name, kind] of Object.entries(kinds)) {
    if (!flags.only.split(',').includes(name)) continue;
    console.error(`measuring ${name} …`);
    const gateway = await startGateway(kind);
    try {
      const measured = await measure(name, gateway);
      rates.set(name, measured.rps);
      figures.push(...measured.figures);
    } finally {
      await gateway.close();
    }
  }
  const [ours, theirs] = [rates.get('planyard'), rates.get('portkey')];
  if (ours && theirs) figures.push(figure('planyard', 'rps_vs_portkey', '', ours / theirs, { atLeast: 4 }));
  await report(figures, flags.json);
} finally {
  upstream.kill();
  await postgres.close();
  await redis.close();
  await rm(dir, { recursive: true, force: true });
}
