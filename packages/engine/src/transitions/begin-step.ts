import { randomUUID } from 'node:crypto';
import type { AdmittedStep, RunStepJob, StoredResult } from '@planyard/contracts';
import { type EngineContext, transition } from '../context.ts';
import { parseRef } from '../keys.ts';
import type { BegunStep, DependencyResult } from '../step-execution.ts';

/** Takes the leases of a job's steps, at most `places`; none of those that are of an older release or held elsewhere. */
export async function beginSteps(
  context: EngineContext,
  job: RunStepJob,
  worker: string,
  places: number,
): Promise<BegunStep[]> {
  const steps = job.steps.flatMap(({ step, delivery }) => [step, delivery]);
  const reply = await transition(context, context.workerRedis, 'begin-step', job, [
    worker,
    randomUUID(),
    places,
    ...steps,
  ]);
  return reply.begun.map((fields) => parseBegun(context, fields));
}

/** What `begin` in prelude/steps.lua returns. */
export function parseBegun(context: EngineContext, fields: string[]): BegunStep {
  const [ref, id, epoch, tries, def, fallback, frozen, ctx, delay, crashes, spent, ...deps] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    ...string[],
  ];
  const run = parseRef(ref);
  const step: AdmittedStep = JSON.parse(def);
  const isFallback = fallback === '1' && step.spec.fallback !== undefined;
  const call = isFallback && step.spec.fallback ? step.spec.fallback : step.spec;
  const dispatch = (isFallback && step.fallback_dispatch) || step.dispatch;
  context.observe.stepBegun?.(call.tool, Number(delay));
  return {
    ...run,
    step: id,
    epoch: Number(epoch),
    try: Number(tries),
    spent_usd: Number(spent),
    recovered: crashes !== '0',
    tool: call.tool,
    args: call.args,
    spec: step.spec,
    is_fallback: isFallback,
    frozen_args: frozen ? JSON.parse(frozen) : null,
    deps: parseDeps(deps),
    ...JSON.parse(ctx),
    timeout_ms: Math.min(
      step.spec.timeout_ms ?? dispatch.timeout_ms,
      step.spec.budget?.ms ?? Number.POSITIVE_INFINITY,
    ),
    max_tries: step.spec.retry?.max_tries ?? dispatch.max_tries,
    fallback:
      step.spec.fallback && step.fallback_dispatch
        ? { tool: step.spec.fallback.tool, dispatch: step.fallback_dispatch }
        : null,
    idempotency_key: `${run.run_id}/${id.replace('.', '/')}`,
  };
}

function parseDeps(pairs: string[]): Record<string, DependencyResult> {
  const deps: Record<string, DependencyResult> = {};
  for (let at = 0; at < pairs.length; at += 2) {
    const result = pairs[at + 1];
    deps[pairs[at] as string] = result
      ? { status: 'completed', result: JSON.parse(result) as StoredResult }
      : { status: 'none' };
  }
  return deps;
}
