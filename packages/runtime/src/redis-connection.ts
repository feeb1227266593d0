import { Cluster, Redis } from 'ioredis';
import type { Logger } from './logger.ts';

export interface RedisConnectionOptions {
  /** `redis://[user:password@]host:port[/db]`, or several hosts with commas between them for a Cluster. */
  url: string;
  /**
   * `producer` fails a command after a few reconnects, so that a request ends; `worker` retries for ever, as
   * blocking reads must.
   */
  role: 'producer' | 'worker';
  /** Shown by CLIENT LIST. */
  name: string;
  log: Logger;
}

const producerRetries = 3;

interface RedisTarget {
  nodes: Array<{ host: string; port: number }>;
  cluster: boolean;
  username?: string;
  password?: string;
  db: number;
  tls: boolean;
}

/** Takes a Redis URL apart. More than one host, or a trailing comma, means a Cluster. Throws a TypeError. */
export function parseRedisUrl(url: string): RedisTarget {
  const [first = '', ...others] = url.split(',');
  const main = new URL(first);
  if (main.protocol !== 'redis:' && main.protocol !== 'rediss:')
    throw new TypeError('A Redis URL starts with redis:// or rediss://');
  const node = (at: URL) => ({ host: at.hostname.replace(/^\[|\]$/g, ''), port: Number(at.port || 6379) });
  const more = others.filter((part) => part.trim() !== '');
  return {
    nodes: [main, ...more.map((part) => new URL(part.includes('://') ? part : `redis://${part}`))].map(node),
    cluster: others.length > 0,
    username: main.username ? decodeURIComponent(main.username) : undefined,
    password: main.password ? decodeURIComponent(main.password) : undefined,
    db: Number(main.pathname.slice(1) || 0),
    tls: main.protocol === 'rediss:',
  };
}

function reconnectDelay(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 6), 2_000);
}

/** Says once that the connection is lost, and once that it is back. */
function reportState(connection: Redis | Cluster, name: string, log: Logger) {
  let down = false;
  connection.on('error', (error: Error) => {
    if (!down) log.error({ err: error, connection: name }, 'Redis cannot be reached');
    down = true;
  });
  connection.on('ready', () => {
    if (down) log.info({ connection: name, recovered: true }, 'Redis is back');
    down = false;
  });
}

/** Connects to Redis in the background. Errors are logged and never thrown from nowhere; end it with `quit` or `disconnect`. */
export function connectRedis(options: RedisConnectionOptions): Redis | Cluster {
  const target = parseRedisUrl(options.url);
  const shared = {
    username: target.username,
    password: target.password,
    connectionName: options.name,
    maxRetriesPerRequest: options.role === 'worker' ? null : producerRetries,
    ...(target.tls ? { tls: {} } : {}),
  };
  const [node] = target.nodes;
  const connection = target.cluster
    ? new Cluster(target.nodes, { redisOptions: shared, clusterRetryStrategy: reconnectDelay })
    : new Redis({ ...shared, ...node, db: target.db, retryStrategy: reconnectDelay });
  reportState(connection, options.name, options.log);
  return connection;
}
