import type { Usage } from '@planyard/contracts';
import { sql } from 'kysely';
import type { Executor } from './database.ts';
import { storableJson } from './storable.ts';

/** What a step has spent by its tool, over all its tries. */
export interface ToolSpending {
  step_id: string;
  tool: string;
  ended_at: Date;
  failed: boolean;
  /** Of the models that the tool called; null where it called none. */
  usage: Usage | null;
  /** Of what has a known price. */
  cost_usd: number;
  unpriced: boolean;
}

/** Whose it is. */
interface Spender {
  run_id: string;
  tenant: string;
  key_id: string;
  tags: string[];
  agent: string | null;
}

/** Writes what the steps of a run have spent, in one statement with one parameter. */
export async function insertToolSpending(
  db: Executor,
  spender: Spender,
  spending: ToolSpending[],
): Promise<void> {
  if (spending.length === 0) return;
  const rows = spending.map(({ usage, ...step }) => ({
    ...spender,
    ...step,
    input_tokens: usage?.input_tokens ?? 0,
    output_tokens: usage?.output_tokens ?? 0,
    cached_tokens: usage?.cached_tokens ?? 0,
  }));
  await sql`
    insert into tool_spending (run_id, step_id, tenant, key_id, tags, agent, tool, ended_at, failed, input_tokens,
      output_tokens, cached_tokens, cost_usd, unpriced)
    select * from json_to_recordset(${storableJson(rows)}::json) as row(
      run_id text, step_id text, tenant text, key_id text, tags text[], agent text, tool text, ended_at timestamptz,
      failed boolean, input_tokens bigint, output_tokens bigint, cached_tokens bigint, cost_usd double precision,
      unpriced boolean)`.execute(db);
}
