import { type PersistPhase, type StepState, toStepView } from '@planyard/engine';
import type { Logger } from '@planyard/runtime';
import { archiveRun, type Executor, holdsSample, type ToolSpending } from '@planyard/store';
import { endedPlan } from './ended-plan.ts';
import { foldDeltas } from './fold-deltas.ts';
import { formatResponse } from './format-response.ts';
import type { ResultsMetrics } from './results-metrics.ts';

export interface PersistRunDeps {
  db: Executor;
  log: Logger;
  metrics: Pick<ResultsMetrics, 'runEnded' | 'planEnded'>;
}

/** Tools that read the inventory: an answer they feed is about its data. */
const INVENTORY_TOOLS = /^(?:ci|metric|graph|history|cep)\./;

/** Archives an ended run in one transaction; only what Postgres has committed is announced. Repeating it changes nothing. */
export async function persistRun({ db, log, metrics }: PersistRunDeps, phase: PersistPhase): Promise<void> {
  const { record } = phase.state;
  const readsInventory = phase.steps.some(
    (step) => step.status === 'completed' && INVENTORY_TOOLS.test(step.tool),
  );
  const response = formatResponse({
    ...phase,
    sampleData: readsInventory && (await holdsSample(db, record.caller.tenant)),
  });
  const plan = endedPlan(phase, response);
  const archived = await archiveRun(db, {
    run_id: phase.run_id,
    incarnation: phase.incarnation,
    response,
    steps: phase.steps.map((step) => ({
      view: toStepView(step),
      result_epoch: step.result?.stored?.epoch ?? null,
      definition: { admitted: step.admitted, call_hash: step.call_hash },
    })),
    model_calls: phase.model_calls,
    tool_spending: phase.steps.flatMap(spendingOf),
    events: foldDeltas(phase.events),
    plan,
  });
  const about = { run_id: phase.run_id, request_id: record.request_id, status: response.status };
  switch (archived) {
    case 'archived':
      metrics.runEnded(phase.outcome.status, response.timings.total_ms, response.steps);
      if (plan) metrics.planEnded(plan);
      log.info(
        { ...about, total_ms: response.timings.total_ms, steps: response.steps.length },
        'the run ended',
      );
      return phase.announce();
    case 'already':
      return phase.announce();
    case 'missing':
      log.error(about, 'the run is not in Postgres: it was deleted, or the database is another one');
      return phase.announce();
    case 'stale':
      // The run lives on under a newer incarnation, and that one will end it.
      return log.warn({ ...about, incarnation: phase.incarnation }, 'an older life of the run has ended');
  }
}

function spendingOf(step: StepState): ToolSpending[] {
  const { cost_usd, models, ended_at } = step;
  if (ended_at === null || (cost_usd === 0 && models.length === 0)) return [];
  return [
    {
      step_id: step.id,
      tool: step.tool,
      ended_at: new Date(ended_at),
      failed: step.status === 'failed',
      usage: toStepView(step).usage,
      cost_usd,
      unpriced: models.some((model) => model.cost_usd === null),
    },
  ];
}
