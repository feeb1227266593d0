import { newRunId, type RunRecord, RunRequest } from '@planyard/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findConversation, keepSummary, listTurns } from './conversations.ts';
import { insertAccepted } from './runs.ts';
import { type TestDatabase, testDatabases } from './testing/open-test-database.ts';

const tenant = 'talks';
const caller = { tenant, user: 'u', key_id: 'k' };

describe.each(testDatabases(inject('postgresUrl')))('conversations on $name', ({ open }) => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  let minute = 0;
  async function ask(conversation_id: string, question: string): Promise<RunRecord> {
    minute += 1;
    const at = Date.parse('2026-11-20T10:00:00.000Z') + minute * 60_000;
    const run: RunRecord = {
      id: newRunId(at),
      incarnation: 1,
      partition: 0,
      caller,
      request_id: 'r',
      request: RunRequest.parse({ question, conversation_id, options: {} }),
      status: 'accepted',
      created_at: new Date(at).toISOString(),
    };
    await insertAccepted(store.db, run, null);
    return run;
  }

  async function answer({ id }: RunRecord, text: string | null): Promise<void> {
    await store.db
      .updateTable('runs')
      .set({
        ended_at: new Date(),
        status: text === null ? 'failed' : 'completed',
        response: JSON.stringify({ answer: text }),
      })
      .where('id', '=', id)
      .execute();
  }

  const unsummed = async (id: string) =>
    (await listTurns(store.db, tenant, id, { summed: false, limit: 10 })).map(({ question }) => question);

  it('a turn that ends after a later one was summed up is still told', async () => {
    const [first, second] = [await ask('conv_a', 'first'), await ask('conv_a', 'second')];
    await answer(second, 'yes');
    const turns = [second.id];
    await keepSummary(store.db, tenant, 'conv_a', { summary: 'It began.', before: null, turns });
    expect(await unsummed('conv_a')).toEqual([]);
    await answer(first, 'at last');
    expect(await unsummed('conv_a')).toEqual(['first']);
    expect(await listTurns(store.db, tenant, 'conv_a', { limit: 10 })).toHaveLength(2);
  });

  it('of two summaries that go on from the same one, the first is kept, and no turn is lost with the other', async () => {
    const [first, second] = [await ask('conv_b', 'first'), await ask('conv_b', 'second')];
    await answer(first, 'yes');
    await answer(second, 'no');
    const keep = (summary: string, before: string | null, run: RunRecord) =>
      keepSummary(store.db, tenant, 'conv_b', { summary, before, turns: [run.id] });
    await Promise.all([keep('One.', null, first), keep('Other.', null, second)]);
    const summary = (await findConversation(store.db, caller, 'conv_b'))?.summary;
    expect(await unsummed('conv_b')).toEqual([summary === 'One.' ? 'second' : 'first']);
    await keep('Both.', summary ?? '', summary === 'One.' ? second : first);
    expect(await unsummed('conv_b')).toEqual([]);
    expect(await findConversation(store.db, caller, 'conv_b')).toMatchObject({ summary: 'Both.' });
  });

  it('runs without an answer are no turns, and take the place of none', async () => {
    await answer(await ask('conv_c', 'answered'), 'yes');
    await answer(await ask('conv_c', 'failed'), null);
    const turns = await listTurns(store.db, tenant, 'conv_c', { limit: 1 });
    expect(turns).toMatchObject([{ question: 'answered', answer: 'yes' }]);
  });
});
