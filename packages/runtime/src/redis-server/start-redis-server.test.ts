import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';

test('the test Redis is durable, never evicts and is prompt', async () => {
  const redis = new Redis(inject('redisUrl'));
  const settings = await redis.config('GET', 'appendonly', 'maxmemory-policy', 'hz');
  expect(settings).toEqual(['appendonly', 'yes', 'hz', '100', 'maxmemory-policy', 'noeviction']);
  redis.disconnect();
});
