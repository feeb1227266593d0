import { Writable } from 'node:stream';
import { expect, inject, test } from 'vitest';
import { createLogger } from './logger.ts';
import { connectRedis, parseRedisUrl } from './redis-connection.ts';

const log = createLogger({ service: 'test', level: 'silent' });

test('a URL with several hosts is a Cluster', () => {
  expect(parseRedisUrl('rediss://me:p%40ss@a:7000,b:7001')).toEqual({
    nodes: [
      { host: 'a', port: 7000 },
      { host: 'b', port: 7001 },
    ],
    cluster: true,
    username: 'me',
    password: 'p@ss',
    db: 0,
    tls: true,
  });
  expect(parseRedisUrl('redis://h/2')).toMatchObject({
    nodes: [{ host: 'h', port: 6379 }],
    cluster: false,
    db: 2,
  });
  expect(() => parseRedisUrl('http://h')).toThrow(/redis:\/\//);
});

test('a connection carries its name', async () => {
  const redis = connectRedis({ url: inject('redisUrl'), role: 'producer', name: 'test-producer', log });
  expect(await redis.client('GETNAME')).toBe('test-producer');
  redis.disconnect();
});

test('a producer gives up on a Redis that is away, and the log says so once without the password', async () => {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const redis = connectRedis({
    // Port 1 refuses at once.
    url: 'redis://:hunter2@127.0.0.1:1',
    role: 'producer',
    name: 'nobody',
    log: createLogger({ service: 'test', level: 'info', destination }),
  });
  await expect(redis.ping()).rejects.toThrow(/max retries/i);
  redis.disconnect();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('Redis cannot be reached');
  expect(lines[0]).not.toContain('hunter2');
});
