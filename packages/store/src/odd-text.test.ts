import { newRunId, RunRequest, Usage } from '@planyard/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { listTurns } from './conversations.ts';
import { insertModelCalls, listModelCalls } from './model-calls.ts';
import { insertPlan } from './plans.ts';
import { insertAccepted } from './runs.ts';
import { storableJson } from './storable.ts';
import { type TestDatabase, testDatabases } from './testing/open-test-database.ts';

const AT = Date.parse('2026-11-20T10:00:00.000Z');
const at = new Date(AT).toISOString();
const tenant = 'odd';
const id = newRunId(AT);
const caller = { tenant, user: 'u', key_id: 'k' };
const odd = 'a\0b \ud800 \\u0000';

describe.each(testDatabases(inject('postgresUrl')))('text that Postgres refuses, on $name', ({ open }) => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await open();
    const request = RunRequest.parse({ question: odd, conversation_id: 'conv_odd', options: {} });
    const run = { id, incarnation: 1, partition: 0, caller, request_id: 'r', request, created_at: at };
    await insertAccepted(store.db, { ...run, status: 'accepted' }, null);
  });
  afterAll(() => store.close());

  it('takes a record of a model call from nobody, the others of its batch included', async () => {
    const call = {
      purpose: 'plan' as const,
      provider: 'p',
      model: 'm',
      agent: null,
      status: 'error' as const,
      usage: Usage.parse({}),
      cost_usd: null,
      started_at: at,
      duration_ms: 5,
      first_token_ms: null,
      request_id: 'req-1',
      prompt: null,
      error: { code: 'model_refused' as const, message: `p answered: ${odd}`, retryable: false },
    };
    const records = [call, { ...call, error: null }].map((each, number) => ({
      run: { id, number },
      caller,
      tags: [],
      call: each,
    }));
    await insertModelCalls(store.db, records);
    const { data } = await listModelCalls(store.db, tenant, id, { limit: 10 });
    expect(data.map(({ error }) => error?.message)).toEqual(['p answered: ab \ufffd \\u0000', undefined]);
  });

  it('keeps no run from its end by the intent that a model gave its plan', async () => {
    await insertPlan(
      store.db,
      { id, tenant },
      {
        intent: odd,
        agent: null,
        prompt: null,
        source: 'model',
        repairs: 0,
        status: 'completed',
        error: null,
        steps_planned: 1,
        steps_useful: 1,
        cost_usd: null,
        latency_ms: 1,
        created_at: at,
        reuse: null,
        reusable: false,
        evicts: null,
      },
    );
    const kept = await store.db.selectFrom('plans').select('intent').executeTakeFirst();
    expect(kept?.intent).toBe('ab \ufffd \\u0000');
  });

  it('is a turn of its conversation as it was said', async () => {
    await store.db
      .updateTable('runs')
      .set({ ended_at: new Date(), status: 'completed', response: JSON.stringify({ answer: odd }) })
      .where('id', '=', id)
      .execute();
    expect(await listTurns(store.db, tenant, 'conv_odd', { limit: 1 })).toMatchObject([{ answer: odd }]);
  });

  it('is left out of JSON, of its keys too', async () => {
    const { db } = store;
    const json = storableJson({ [odd]: [odd, { plain: null }] });
    const stored = await db
      .selectNoFrom(({ val, cast }) => cast(val(json), 'jsonb').as('it'))
      .executeTakeFirst();
    const text = 'ab \ufffd \\u0000';
    expect(stored?.it).toEqual({ [text]: [text, { plain: null }] });
  });
});
