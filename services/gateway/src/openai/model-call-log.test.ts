import { Usage } from '@planyard/contracts';
import { createLogger, createMetricsRegistry } from '@planyard/runtime';
import { openTestDatabase } from '@planyard/store/testing';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createModelCallLog } from './model-call-log.ts';

it('a record that Postgres refuses takes no other of its batch with it', async () => {
  const store = await openTestDatabase(inject('postgresUrl'));
  onTestFinished(() => store.close());
  const registry = createMetricsRegistry('gateway');
  const log = createLogger({ service: 'gateway', level: 'error', destination: { write: () => {} } });
  const calls = createModelCallLog({ db: store.db, log, registry });
  const caller = { tenant: 'default', user: 'u', key_id: 'k' };
  const call = {
    purpose: 'chat' as const,
    provider: 'p',
    model: 'm',
    agent: null,
    status: 'ok' as const,
    usage: Usage.parse({}),
    cost_usd: null,
    started_at: new Date().toISOString(),
    duration_ms: 5,
    first_token_ms: null,
    request_id: 'req-1',
    prompt: null,
    error: null,
  };
  const refused = { ...call, usage: { ...call.usage, input_tokens: 3.7 } };
  for (const each of [call, refused, call]) calls.add({ run: null, caller, tags: [], call: each });
  await calls.close();
  expect(await store.db.selectFrom('model_calls').select('model').execute()).toHaveLength(2);
  expect(await registry.metrics()).toMatch(/planyard_model_call_records_lost_total(\{[^}]*\})? 1\n/);
});
