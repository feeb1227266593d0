import { type ErrorBody, LIMITS, PlanyardError, toolQueue } from '@planyard/contracts';
import type { BegunStep, StepOutcome } from '../api.ts';
import { type EngineContext, transition } from '../context.ts';
import { parseBegun } from './begin-step.ts';

/** `next`: released steps that this worker has begun in the same write. */
export type Settled = { accepted: boolean; next: BegunStep[] };
/** What the worker can take over at once; null when it shuts down. */
export type Take = { queues: readonly string[]; worker: string; places: number } | null;

/**
 * Stores a step's outcome, appends its events, counts down its dependents and releases the ready ones: one script.
 * A failure is retried, replaced or final, as the step's policy says. `take`: begin released steps in the same write. `accepted` is false when another worker has taken the step over; then nothing was written.
 */
export async function settleStep(
  context: EngineContext,
  step: BegunStep,
  outcome: StepOutcome | { kind: 'handed_back' },
  durationMs: number,
  take: Take,
): Promise<Settled> {
  const { kind, event, args } = describe(context, step, outcome, durationMs);
  const reply = await transition(context, context.workerRedis, 'settle-step', step, [
    step.step,
    step.epoch,
    kind,
    JSON.stringify(event),
    take ? ` ${take.queues.join(' ')} ` : '',
    take?.worker ?? '',
    take?.places ?? 0,
    ...args,
  ]);
  if (reply.status === 'run_too_large') {
    const error = new PlanyardError('run_too_large').toBody();
    return settleStep(context, step, { kind: 'failed', error }, durationMs, take);
  }
  if (reply.status !== 'settled') return { accepted: false, next: [] };
  context.observe.stepSettled?.(step.tool, kind, durationMs);
  return { accepted: true, next: reply.begun.map((fields) => parseBegun(context, fields)) };
}

interface Settlement {
  kind: string;
  event: object;
  /** From ARGV[11] of settle-step.lua on. */
  args: (string | number)[];
}

function describe(
  context: EngineContext,
  step: BegunStep,
  outcome: StepOutcome | { kind: 'handed_back' },
  durationMs: number,
): Settlement {
  switch (outcome.kind) {
    case 'completed':
      return {
        kind: 'completed',
        event: {
          step: step.step,
          tool: step.tool,
          cached: outcome.cached,
          duration_ms: durationMs,
          bytes: outcome.result.bytes,
          count: outcome.result.count,
          records: outcome.result.records,
        },
        args: [
          JSON.stringify(outcome.result),
          JSON.stringify(outcome.bound_args),
          outcome.call_hash ?? '',
          outcome.cached ? '1' : '',
          outcome.cost_usd ?? 0,
          outcome.usage ? JSON.stringify(outcome.usage) : '',
          outcome.result.bytes,
          LIMITS.run_bytes,
        ],
      };
    case 'skipped':
    case 'handed_back':
      return { kind: outcome.kind, event: {}, args: [] };
    case 'awaiting_approval': {
      const expires = new Date(Date.now() + outcome.expires_in_ms).toISOString();
      return {
        kind: 'awaiting_approval',
        event: { step: step.step, tool: step.tool, args: outcome.bound_args, expires_at: expires },
        args: [JSON.stringify(outcome.bound_args), outcome.expires_in_ms],
      };
    }
    case 'failed':
      return describeFailure(
        context,
        step,
        outcome.error,
        outcome.bound_args ? JSON.stringify(outcome.bound_args) : '',
      );
  }
}

/** Retry while a retry can help, then the fallback, then the end. An unknown outcome is never tried again in any way. */
function describeFailure(
  context: EngineContext,
  step: BegunStep,
  error: ErrorBody,
  boundArgs: string,
): Settlement {
  const event = { step: step.step, tool: step.tool, error };
  const known = error.code !== 'outcome_unknown';
  if (known && error.retryable && step.try < step.max_tries) {
    const delay = retryDelay(context, step.try);
    return {
      kind: 'retry',
      event: { ...event, will: 'retry', delay_ms: delay },
      args: [JSON.stringify(error), delay],
    };
  }
  if (known && step.spec.on_error === 'fallback' && step.fallback && !step.is_fallback) {
    const { tool, dispatch } = step.fallback;
    return {
      kind: 'fallback',
      event: { ...event, will: 'fallback' },
      args: [
        JSON.stringify(error),
        tool,
        toolQueue(dispatch.class),
        dispatch.max_in_flight?.toString() ?? '',
      ],
    };
  }
  return { kind: 'failed', event: { ...event, will: 'end' }, args: [JSON.stringify(error), boundArgs] };
}

/** Exponential with full jitter: anywhere between nothing and the doubled base. */
function retryDelay({ settings, random }: EngineContext, tries: number): number {
  return Math.round(random() * Math.min(settings.retry_cap_ms, settings.retry_base_ms * 2 ** tries));
}
