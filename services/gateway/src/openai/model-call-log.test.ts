import { Usage } from '@planyard/contracts';
import { createLogger, createMetricsRegistry } from '@planyard/runtime';
import { openTestDatabase } from '@planyard/store/testing';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createModelCallLog } from './model-call-log.ts';

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

/** Records of three calls, the second of which Postgres refuses, and Postgres away from one statement on, for so many. */
async function keepThree({ awayFrom = 0, awayFor = 0 }) {
  const store = await openTestDatabase(inject('postgresUrl'));
  onTestFinished(() => store.close());
  let statement = 0;
  const db = store.db.withPlugin({
    transformQuery({ node }) {
      statement += 1;
      if (statement >= awayFrom && statement < awayFrom + awayFor)
        throw Object.assign(new Error('terminating connection'), { code: '57P01' });
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const registry = createMetricsRegistry('gateway');
  const log = createLogger({ service: 'gateway', level: 'error', destination: { write: () => {} } });
  const calls = createModelCallLog({ db, log, registry });
  const caller = { tenant: 'default', user: 'u', key_id: 'k' };
  for (const each of [call, refused, call]) calls.add({ run: null, caller, tags: [], call: each });
  return {
    calls,
    written: async () => (await store.db.selectFrom('model_calls').select('model').execute()).length,
    lost: async () =>
      (await registry.getSingleMetric('planyard_model_call_records_lost_total')?.get())?.values[0]?.value,
  };
}

it('a record that Postgres refuses takes no other of its batch with it', async () => {
  const { calls, written, lost } = await keepThree({});
  await calls.close();
  expect(await written()).toBe(2);
  expect(await lost()).toBe(1);
});

it('records wait for Postgres when it goes away while those of a refused batch are written singly', async () => {
  const { calls, written, lost } = await keepThree({ awayFrom: 3, awayFor: 2 });
  await expect.poll(written).toBe(2);
  await calls.close();
  expect(await written()).toBe(2);
  expect(await lost()).toBe(1);
});
