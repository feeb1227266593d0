import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';

test('the test Redis is durable, never evicts and is prompt', async () => {
  const redis = new Redis(inject('redisUrl'));
  expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await redis.config('GET', 'hz')).toEqual(['hz', '100']);
  redis.disconnect();
});
