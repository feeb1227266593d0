import { sql } from 'kysely';
import type { Executor } from './database.ts';
import { runs } from './migrations/0001-runs.ts';
import { inventory } from './migrations/0002-inventory.ts';
import { modelCalls } from './migrations/0003-model-calls.ts';
import { unknownCost } from './migrations/0004-unknown-cost.ts';
import { conversations } from './migrations/0005-conversations.ts';
import { plans } from './migrations/0006-plans.ts';
import { definitions } from './migrations/0007-definitions.ts';
import { schedules } from './migrations/0008-schedules.ts';
import { summedTurns } from './migrations/0009-summed-turns.ts';
import { planErrors } from './migrations/0010-plan-errors.ts';
import { callsOfSteps } from './migrations/0011-calls-of-steps.ts';
import { rebuiltRuns } from './migrations/0012-rebuilt-runs.ts';
import { toolSpending } from './migrations/0013-tool-spending.ts';
import { journalOfCalls } from './migrations/0014-journal-of-calls.ts';

/** In order, forwards only. A migration that has shipped is never edited: add one. */
const MIGRATIONS: { name: string; up: string }[] = [
  { name: '0001-runs', up: runs },
  { name: '0002-inventory', up: inventory },
  { name: '0003-model-calls', up: modelCalls },
  { name: '0004-unknown-cost', up: unknownCost },
  { name: '0005-conversations', up: conversations },
  { name: '0006-plans', up: plans },
  { name: '0007-definitions', up: definitions },
  { name: '0008-schedules', up: schedules },
  { name: '0009-summed-turns', up: summedTurns },
  { name: '0010-plan-errors', up: planErrors },
  { name: '0011-calls-of-steps', up: callsOfSteps },
  { name: '0012-rebuilt-runs', up: rebuiltRuns },
  { name: '0013-tool-spending', up: toolSpending },
  { name: '0014-journal-of-calls', up: journalOfCalls },
];

/** Any constant: all Planyard processes wait for each other on it. */
const LOCK = 7_214_880_116;

/** Brings the schema up to date in one transaction; several processes may start at once. Returns the names applied. */
export function migrate(db: Executor): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    await sql`set local statement_timeout = 0`.execute(tx);
    await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(tx);
    await sql`create table if not exists schema_migrations (
      name text primary key, applied_at timestamptz not null default now())`.execute(tx);
    const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(tx);
    const done = new Set(rows.map((row) => row.name));
    const pending = MIGRATIONS.filter((migration) => !done.has(migration.name));
    for (const { name, up } of pending) {
      await sql.raw(up).execute(tx);
      await sql`insert into schema_migrations (name) values (${name})`.execute(tx);
    }
    return pending.map((migration) => migration.name);
  });
}
