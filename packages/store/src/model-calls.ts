import type { Caller, ModelCall, Page } from '@planyard/contracts';
import { sql } from 'kysely';
import { decodeCursor, Position, toPage } from './cursor.ts';
import type { Executor } from './database.ts';
import { storableJson } from './storable.ts';

/** A model call and whose it is. */
export interface ModelCallRecord {
  run: { id: string; number: number } | null;
  caller: Caller;
  tags: string[];
  call: ModelCall;
}

/** Writes any number of records in one statement with one parameter. */
export async function insertModelCalls(db: Executor, records: ModelCallRecord[]): Promise<void> {
  if (records.length === 0) return;
  const rows = records.map(({ run, caller, tags, call }) => ({
    run_id: run?.id ?? null,
    number: run?.number ?? null,
    tenant: caller.tenant,
    user_id: caller.user,
    key_id: caller.key_id,
    tags,
    started_at: call.started_at,
    provider: call.provider,
    model: call.model,
    agent: call.agent,
    status: call.status,
    input_tokens: call.usage.input_tokens,
    output_tokens: call.usage.output_tokens,
    cached_tokens: call.usage.cached_tokens,
    cost_usd: call.cost_usd,
    call,
  }));
  await sql`
    insert into model_calls (run_id, number, tenant, user_id, key_id, tags, started_at, provider, model, agent, status,
      input_tokens, output_tokens, cached_tokens, cost_usd, call)
    select * from json_to_recordset(${storableJson(rows)}::json) as row(
      run_id text, number int, tenant text, user_id text, key_id text, tags text[], started_at timestamptz, provider text,
      model text, agent text, status text, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
      cost_usd double precision, call json)`.execute(db);
}

/** Model calls of an archived run, in order. */
export async function listModelCalls(
  db: Executor,
  tenant: string,
  runId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ModelCall>> {
  let select = db
    .selectFrom('model_calls')
    .select(['number', 'call'])
    .where('run_id', '=', runId)
    .where('tenant', '=', tenant);
  if (cursor) select = select.where('number', '>', decodeCursor(cursor, Position)[0]);
  const rows = await select
    .orderBy('number')
    .limit(limit + 1)
    .execute();
  return toPage(
    rows,
    limit,
    (row) => row.call,
    (row) => [row.number ?? 0],
  );
}

/** Deletes up to `limit` records of calls that belong to no run and began before `before`. Returns how many: call again until 0. */
export async function deleteModelCalls(
  db: Executor,
  { before, limit }: { before: Date; limit: number },
): Promise<number> {
  const gone = await db
    .deleteFrom('model_calls')
    .where('id', 'in', (calls) =>
      calls
        .selectFrom('model_calls')
        .select('id')
        .where('run_id', 'is', null)
        .where('started_at', '<', before)
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
