import { createHash, randomUUID } from 'node:crypto';
import {
  canonicalJson,
  type ErrorBody,
  isOfCircumstance,
  type JsonObject,
  LIMITS,
  PlanyardError,
  type ToolName,
  toolQueue,
} from '@planyard/contracts';
import { type EngineContext, enqueueReleased, runScript } from '../context.ts';
import { refOf } from '../keys.ts';
import type { Spent } from '../spending.ts';
import type { BegunStep, StepOutcome } from '../step-execution.ts';
import { sumUsage } from '../usage-by-model.ts';
import { parseBegun } from './begin-step.ts';

/** A step that has ended in this process, and how. */
export interface EndedStep {
  step: BegunStep;
  outcome: StepOutcome | { kind: 'handed_back' };
  spent: Spent;
  duration_ms: number;
}
/** The same as settle-step.lua takes it. */
export interface Settlement {
  step: BegunStep;
  duration_ms: number;
  spent: Spent;
  kind: string;
  event: string;
  /** What the kind needs. */
  args: (string | number)[];
}
/** What came of it: `stale` when another worker has taken the step over; then nothing was written. */
export type SettleStatus = 'settled' | 'stale' | PlanyardError;
/** What the worker can take over at once: nothing when it shuts down. */
export type Take = { queues: readonly string[]; worker: string; places: number };

/**
 * Stores outcomes of steps of one partition, appends their events, counts down their dependents and releases the ready
 * ones: one script. A failure is retried, replaced or final, as the step's policy says. `take`: begin what was
 * released in the same write; `begun` is what that gave, and the rest is on its way to the queues until `enqueued`.
 */
export async function settleSteps(
  context: EngineContext,
  settlements: readonly Settlement[],
  take: Take,
): Promise<{ statuses: SettleStatus[]; begun: BegunStep[]; enqueued: Promise<void> }> {
  const [{ step: first }] = settlements as [Settlement];
  const prefix = context.keys.prefix(context.keys.partitionOf(first.run_id));
  const reply = await runScript(context, context.workerRedis, 'settle-step', prefix, [
    take.worker,
    randomUUID(),
    ` ${take.queues.join(' ')} `,
    take.places,
    LIMITS.run_bytes,
    ...settlements.flatMap(({ step, spent, kind, event, args }) => [
      args.length + 8,
      refOf(step),
      step.step,
      step.epoch,
      ...spentArgs(spent),
      kind,
      event,
      ...args,
    ]),
  ]);
  settlements.forEach(({ step, kind, duration_ms }, index) => {
    if (reply.extra[index] === 'settled') context.observe.stepSettled?.(step.tool, kind, duration_ms);
  });
  return {
    statuses: reply.extra.map(toStatus),
    begun: reply.begun.map((fields) => parseBegun(context, fields)),
    enqueued: enqueueReleased(context, reply),
  };
}

function spentArgs({ cost_usd, models }: Spent): (string | number)[] {
  const { input_tokens, output_tokens } = sumUsage(models);
  return [cost_usd, input_tokens + output_tokens, models.length > 0 ? JSON.stringify(models) : ''];
}

function toStatus(status: string): SettleStatus {
  if (status === 'settled' || status === 'stale') return status;
  if (status === 'run_too_large') return new PlanyardError('run_too_large');
  return new PlanyardError('internal', 'A step could not be settled', { cause: new Error(status) });
}

/** As the step's policy says. Throws where the outcome is no JSON. */
export function settlementOf(context: EngineContext, ended: EndedStep): Settlement {
  const { kind, event, args } = describe(context, ended);
  const { step, duration_ms, spent } = ended;
  return { step, duration_ms, spent, kind, event: JSON.stringify(event), args };
}

interface Description {
  kind: string;
  event: object;
  args: (string | number)[];
}

function describe(context: EngineContext, { step, outcome, duration_ms }: EndedStep): Description {
  switch (outcome.kind) {
    case 'completed':
      return {
        kind: 'completed',
        event: {
          step: step.step,
          tool: step.tool,
          cached: outcome.cached,
          duration_ms,
          bytes: outcome.result.bytes,
          count: outcome.result.count,
          records: outcome.result.records,
        },
        args: [
          JSON.stringify(outcome.result),
          JSON.stringify(outcome.bound_args),
          outcome.call_hash ?? '',
          outcome.cached ? '1' : '',
          outcome.result.bytes,
          outcome.wrote ? '1' : '',
        ],
      };
    case 'skipped':
    case 'handed_back':
      return { kind: outcome.kind, event: {}, args: [] };
    case 'awaiting_approval': {
      const asked = {
        effects: outcome.effects,
        expires_at: new Date(Date.now() + outcome.expires_in_ms).toISOString(),
        call: nameOf(step.tool, outcome.bound_args),
      };
      return {
        kind: 'awaiting_approval',
        event: {
          step: step.step,
          tool: step.tool,
          args: outcome.bound_args,
          ...asked,
        },
        args: [JSON.stringify(outcome.bound_args), outcome.expires_in_ms, JSON.stringify(asked)],
      };
    }
    case 'failed':
      return describeFailure(
        context,
        step,
        outcome.error,
        outcome.bound_args ? JSON.stringify(outcome.bound_args) : '',
        isOfCircumstance(outcome.error) ? '' : (outcome.call_hash ?? ''),
        outcome.wrote ? '1' : '',
      );
  }
}

/** Of the call that a person is asked about: another tool or other arguments have another. */
function nameOf(tool: ToolName, args: JsonObject): string {
  return createHash('sha256')
    .update(canonicalJson([tool, args]))
    .digest('hex')
    .slice(0, 12);
}

/** Retry while a retry can help, then the fallback, then the end. An unknown outcome is never tried again in any way. */
function describeFailure(
  context: EngineContext,
  step: BegunStep,
  error: ErrorBody,
  boundArgs: string,
  callHash: string,
  wrote: string,
): Description {
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
        callHash,
        wrote,
      ],
    };
  }
  return {
    kind: 'failed',
    event: { ...event, will: 'end' },
    args: [JSON.stringify(error), boundArgs, callHash, wrote],
  };
}

/** Exponential with full jitter: anywhere between nothing and the doubled base. */
function retryDelay({ settings, random }: EngineContext, tries: number): number {
  return Math.round(random() * Math.min(settings.retry_cap_ms, settings.retry_base_ms * 2 ** tries));
}
