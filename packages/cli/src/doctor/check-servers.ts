import { connect } from 'node:net';
import { connectRedis, createLogger, parseRedisUrl } from '@planyard/runtime';
import type { Env } from '../config-env.ts';
import type { Finding } from './finding.ts';

const patience = 3_000;

/** The Redis of REDIS_URL: that it answers, and that it keeps what it is given. Without a URL `npm start` embeds one. */
export async function checkRedis(env: Env): Promise<Finding> {
  const name = 'Redis';
  const url = env.REDIS_URL;
  if (!url) return { name, state: 'ok', detail: 'REDIS_URL is not set: npm start embeds one' };
  const fix = 'Start Redis there, or correct REDIS_URL (redis://[user:password@]host:port).';
  try {
    parseRedisUrl(url);
  } catch (error) {
    return { name, state: 'bad', detail: `REDIS_URL: ${(error as Error).message}`, fix };
  }
  const log = createLogger({ service: 'doctor', level: 'silent' });
  const redis = connectRedis({ url, role: 'producer', name: 'planyard-doctor', log });
  try {
    const policy = await soon(redis.config('GET', 'maxmemory-policy'));
    const evicts = Array.isArray(policy) && policy[1] !== undefined && policy[1] !== 'noeviction';
    if (!evicts) return { name, state: 'ok', detail: 'it answers' };
    return {
      name,
      state: 'bad',
      detail: `it may drop data: maxmemory-policy is ${String(policy[1])}`,
      fix: 'redis-cli config set maxmemory-policy noeviction',
    };
  } catch (error) {
    const { message } = error as Error;
    // Hosted ones often forbid CONFIG; that they answer is what counts.
    if (/unknown command|NOPERM/i.test(message)) return { name, state: 'ok', detail: 'it answers' };
    return { name, state: 'bad', detail: message, fix };
  } finally {
    redis.disconnect();
  }
}

/** That something listens where DATABASE_URL points; whether it is a Postgres that fits, the gateway's readiness tells. */
export async function checkPostgres(env: Env): Promise<Finding> {
  const name = 'Postgres';
  const text = env.DATABASE_URL;
  if (!text) return { name, state: 'ok', detail: 'DATABASE_URL is not set: npm start embeds one' };
  const fix = 'Start Postgres there, or correct DATABASE_URL (postgres://user:password@host:port/database).';
  if (!URL.canParse(text)) return { name, state: 'bad', detail: 'DATABASE_URL is no URL', fix };
  const url = new URL(text);
  const port = Number(url.port || 5432);
  return await soon(listens(url.hostname, port)).then(
    (): Finding => ({ name, state: 'ok', detail: `${url.hostname}:${port} takes connections` }),
    (error: Error): Finding => ({
      name,
      state: 'bad',
      detail: `${url.hostname}:${port}: ${error.message}`,
      fix,
    }),
  );
}

function listens(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

async function soon<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience / 1000} s`)), patience);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
