import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findRedisServer, type RedisServer, startRedisServer } from '@planyard/runtime';
import { Redis } from 'ioredis';
import { testEnv } from './env.ts';

export interface RedisCluster {
  /** For REDIS_URL: every node, with commas between. */
  url: string;
  /** A connection to each node, in the order of its slots. */
  nodes: Redis[];
  close(): Promise<void>;
}

/** First slots of the nodes. The tags {p0}, {p1} and {p2} hash to 15882, 11819 and 7752: one for each node. */
const FIRST_SLOTS = [0, 8_192, 14_000];
const SLOTS = 16_384;

/** A Redis Cluster of three nodes without replicas on loopback. */
export async function startRedisCluster(dir: string): Promise<RedisCluster> {
  const source = await findRedisServer({ cacheDir: testEnv().cacheDir, progress: () => {} });
  const password = 'cluster';
  const settings = ['cluster-enabled yes', 'cluster-node-timeout 2000', `masterauth ${password}`];
  const servers: RedisServer[] = await Promise.all(
    FIRST_SLOTS.map((_, index) =>
      startRedisServer({ source, dir: join(dir, `node-${index}`), password, settings }),
    ),
  );
  const nodes = servers.map((server) => new Redis(server.url));
  const [first] = servers as [RedisServer];
  for (const [index, node] of nodes.entries()) {
    await node.cluster('ADDSLOTSRANGE', FIRST_SLOTS[index] as number, (FIRST_SLOTS[index + 1] ?? SLOTS) - 1);
    if (index > 0) await node.cluster('MEET', '127.0.0.1', first.port);
  }
  await Promise.all(nodes.map(untilWhole));
  return {
    url: servers.map((server) => server.url).join(','),
    nodes,
    async close() {
      for (const node of nodes) node.disconnect();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** Nodes tell each other of themselves; there is no event for the end of that. */
async function untilWhole(node: Redis): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    const info = String(await node.cluster('INFO'));
    if (info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')) return;
    if (Date.now() > until) throw new Error(`the cluster did not form: ${info}`);
    await wait(50);
  }
}
