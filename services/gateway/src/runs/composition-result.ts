import {
  attemptOf,
  COLLECT_TOOL,
  CompositionResult,
  isReference,
  type Json,
  RESULTS,
  type StepView,
  stepId,
} from '@planyard/contracts';
import { traceOfSteps } from '@planyard/planning';
import type { GatewayDeps } from '../deps.ts';
import { readRunResponse } from './find-run.ts';
import { allSteps, oneStep } from './run-steps.ts';

type ResultDeps = Pick<GatewayDeps, 'db' | 'engine' | 'now'>;

/** What a composition's run gave; while it runs, what is known so far. */
export async function compositionResult(
  deps: ResultDeps,
  tenant: string,
  runId: string,
): Promise<CompositionResult> {
  const run = await readRunResponse(deps, tenant, runId);
  const steps = await allSteps(deps, tenant, runId);
  // A planner that crashed left an attempt behind: the newest one has every step.
  const attempt = Math.max(0, ...steps.map(({ id }) => attemptOf(id)));
  const newest = steps.filter(({ id }) => attemptOf(id) === attempt);
  const own = newest.filter(({ tool }) => tool !== COLLECT_TOOL);
  const resultOfStep = (step: StepView | undefined) => resultOf(deps, tenant, runId, step);
  const { primary, others } = partsOf(newest, own);
  const enriched = await Promise.all(
    others.map(async ([name, step]) => [name, await resultOfStep(step)] as const),
  );
  return CompositionResult.parse({
    run_id: runId,
    status: run.status,
    primary: await resultOfStep(primary),
    enriched: Object.fromEntries(enriched),
    ...traceOfSteps(own, run.timings.total_ms),
  });
}

interface Parts {
  primary: StepView | undefined;
  others: [name: string, step: StepView | undefined][];
}

/**
 * Which step is the primary one and what the others are called, as the file had it when the run was planned: the
 * arguments of the step that gathers them say so, whatever became of it. Where the budget of steps had no room for that
 * one, the first step is primary.
 */
function partsOf(newest: StepView[], own: StepView[]): Parts {
  const gathers = newest.find(({ id }) => id === stepId(attemptOf(id), RESULTS));
  const args = gathers?.args as { primary?: Json; enriched?: { [name: string]: Json } } | undefined;
  const from = (value: Json | undefined) =>
    isReference(value) ? own.find(({ id }) => id === value.$from) : undefined;
  if (args?.enriched)
    return {
      primary: from(args.primary),
      others: Object.entries(args.enriched).map(([name, value]) => [name, from(value)]),
    };
  const [primary, ...others] = own;
  return { primary, others: others.map((step) => [step.id.slice(step.id.indexOf('.') + 1), step]) };
}

async function resultOf(
  deps: ResultDeps,
  tenant: string,
  runId: string,
  step: StepView | undefined,
): Promise<Json> {
  if (step?.status !== 'completed') return null;
  // A result over 64 KiB is only with its own step.
  const { result } = step.result === undefined ? await oneStep(deps, tenant, runId, step.id) : step;
  return result ?? null;
}
