import type {
  ErrorCode,
  PlanDimension,
  PlanSource,
  PlanStats,
  PlanStep,
  TerminalStatus,
} from '@planyard/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { Executor } from './database.ts';
import { storableText } from './storable.ts';

/** The first plan of an ended run. */
export interface EndedPlan {
  intent: string;
  agent: string | null;
  prompt: string | null;
  source: PlanSource;
  repairs: number;
  status: TerminalStatus;
  /** The code of the run's error. */
  error: ErrorCode | null;
  steps_planned: number;
  /** Steps that succeeded and were cited. */
  steps_useful: number;
  cost_usd: number | null;
  latency_ms: number;
  created_at: string;
  reuse: {
    key: string;
    scope: string;
    question: string;
    vector: number[] | null;
    steps: PlanStep[];
  } | null;
  /** It was completed as it was planned: it may serve again. */
  reusable: boolean;
  /** The run whose plan did not do in this one: that serves nobody again. */
  evicts: string | null;
}

/** A plan that may serve again. */
export interface KeptPlan {
  run_id: string;
  question: string;
  steps: PlanStep[];
}

/** Notes the plan of an ended run. One that did not come to a complete answer evicts the plans of its key. */
export async function insertPlan(
  tx: Executor,
  run: { id: string; tenant: string },
  plan: EndedPlan,
): Promise<void> {
  const { reuse } = plan;
  if (reuse && !plan.reusable)
    await tx
      .updateTable('plans')
      .set({ reusable: false })
      .where('tenant', '=', run.tenant)
      .where('key', '=', reuse.key)
      .where('reusable', '=', true)
      .execute();
  if (plan.evicts) await evictPlan(tx, run.tenant, plan.evicts);
  await tx
    .insertInto('plans')
    .values({
      run_id: run.id,
      tenant: run.tenant,
      intent: storableText(plan.intent),
      agent: plan.agent,
      prompt: plan.prompt,
      source: plan.source,
      repairs: plan.repairs,
      status: plan.status,
      error: plan.error,
      steps_planned: plan.steps_planned,
      steps_useful: plan.steps_useful,
      cost_usd: plan.cost_usd,
      latency_ms: plan.latency_ms,
      created_at: plan.created_at,
      key: reuse?.key ?? null,
      scope: reuse?.scope ?? null,
      question: reuse ? storableText(reuse.question) : null,
      vector: reuse?.vector ?? null,
      steps: reuse ? JSON.stringify(reuse.steps) : null,
      reusable: plan.reusable && reuse !== null,
    })
    .onConflict((conflict) => conflict.column('run_id').doNothing())
    .execute();
}

/** The newest plan of that key that may serve again; null where there is none since a time. */
export async function findPlan(
  db: Executor,
  tenant: string,
  key: string,
  since: Date,
): Promise<KeptPlan | null> {
  const row = await db
    .selectFrom('plans')
    .select(['run_id', 'question', 'steps'])
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where('reusable', '=', true)
    .where('created_at', '>=', since)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.steps ? { run_id: row.run_id, question: row.question ?? '', steps: row.steps } : null;
}

/** The kept plan of that scope whose question is nearest to a vector; null where none has a cosine of at least `threshold`. */
export async function findSimilarPlan(
  db: Executor,
  tenant: string,
  scope: string,
  { vector, threshold, since }: { vector: number[]; threshold: number; since: Date },
): Promise<KeptPlan | null> {
  const rows = await db
    .selectFrom('plans')
    .select(['run_id', 'question', 'steps', 'vector'])
    .where('tenant', '=', tenant)
    .where('scope', '=', scope)
    .where('reusable', '=', true)
    .where('vector', 'is not', null)
    .where('created_at', '>=', since)
    .orderBy('created_at', 'desc')
    .limit(COMPARED)
    .execute();
  const [nearest] = rows
    .map((row) => ({ row, cosine: cosineOf(vector, row.vector ?? []) }))
    .filter(({ cosine }) => cosine >= threshold)
    .sort((a, b) => b.cosine - a.cosine);
  if (!nearest?.row.steps) return null;
  const { run_id, question, steps } = nearest.row;
  return { run_id, question: question ?? '', steps };
}

/** Plans of one scope that a question is compared with, the newest. */
const COMPARED = 500;

/** A plan that cannot run any more serves nobody again. */
export async function evictPlan(db: Executor, tenant: string, runId: string): Promise<void> {
  await db
    .updateTable('plans')
    .set({ reusable: false })
    .where('tenant', '=', tenant)
    .where('run_id', '=', runId)
    .execute();
}

const COLUMNS: Record<PlanDimension, RawBuilder<unknown>> = {
  intent: sql`intent`,
  agent: sql`agent`,
  prompt: sql`prompt`,
  source: sql`source`,
  error: sql`error`,
};

/** How plans of ended runs did, those with the most runs first. */
export async function planStats(
  db: Executor,
  tenant: string,
  by: PlanDimension[],
  { from, to, agent }: { from: Date; to: Date; agent?: string | undefined },
): Promise<PlanStats[]> {
  const columns = by.map((dimension) => COLUMNS[dimension]);
  const shown = columns.map((column, index) => sql`${column} as ${sql.ref(by[index] as string)},`);
  const share = (condition: RawBuilder<unknown>) =>
    sql`(count(*) filter (where ${condition}))::float8 / count(*)`;
  const { rows } = await sql<PlanStats>`
    select ${sql.join(shown, sql` `)}
      count(*)::int as plans,
      ${share(sql`status = 'completed'`)} as success_rate,
      ${share(sql`repairs > 0`)} as repair_rate,
      ${share(sql`source = 'broad'`)} as fallback_rate,
      ${share(sql`source in ('cache', 'similar')`)} as cache_rate,
      sum(steps_useful)::float8 / nullif(sum(steps_planned), 0) as tool_accuracy,
      avg(cost_usd) as mean_cost_usd,
      avg(latency_ms) as mean_latency_ms
    from plans
    where tenant = ${tenant} and created_at >= ${from.toISOString()} and created_at < ${to.toISOString()}
      ${agent === undefined ? sql`` : sql`and agent = ${agent}`}
    group by ${sql.join(columns)} order by count(*) desc, ${sql.join(columns)} limit 1000`.execute(db);
  return rows;
}

function cosineOf(one: number[], other: number[]): number {
  if (one.length !== other.length || one.length === 0) return 0;
  let dot = 0;
  for (const [index, value] of one.entries()) dot += value * (other[index] as number);
  const length = Math.hypot(...one) * Math.hypot(...other);
  return length === 0 ? 0 : dot / length;
}
