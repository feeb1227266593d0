import {
  isRunEnd,
  JoinRunJob,
  type ModelCall,
  PersistRunJob,
  PlanRunJob,
  PlanyardError,
  type QueueName,
  type RunEvent,
  toPlanyardError,
} from '@planyard/contracts';
import type { Job } from 'bullmq';
import type { Consumer } from './api.ts';
import { consumeQueues } from './consume-queues.ts';
import { type EngineContext, toEngineError } from './context.ts';
import { failedOutcome } from './failed-outcome.ts';
import { PHASE_QUEUES, type PhaseName } from './keys.ts';
import type { HeldLease, LeaseKeeper } from './lease-keeper.ts';
import type { JoiningPhase, PersistPhase, Phase, PhaseHandlers, PlanningPhase } from './phase.ts';
import { readEvents, readRun, readSteps } from './read-run.ts';
import type { RunRef, RunState } from './run-state.ts';
import { timeoutSignal } from './timeout-signal.ts';
import { addSteps } from './transitions/add-steps.ts';
import { copySteps } from './transitions/copy-steps.ts';
import {
  announceRun,
  appendEvent,
  beginPhase,
  failPhase,
  finishRun,
  type HeldPhase,
  requestReplan,
  sealPlan,
} from './transitions/phases.ts';
import { startAttempt } from './transitions/start-attempt.ts';

const MAX_TRIES = 3;
const RETRY_MS = 1_000;
const PHASE_OF: Record<string, { phase: PhaseName; schema: typeof PlanRunJob }> = {
  'plan-run': { phase: 'plan', schema: PlanRunJob },
  'join-run': { phase: 'join', schema: JoinRunJob },
  'persist-run': { phase: 'persist', schema: PersistRunJob },
};

/** Takes the phases of runs that this process has handlers for; each handler holds its phase's lease while it works. */
export function consumePhases(
  context: EngineContext,
  leases: LeaseKeeper,
  handlers: PhaseHandlers,
  options: { concurrency: number },
): Consumer {
  const queues = [
    ...new Set((Object.keys(handlers) as PhaseName[]).map((phase): QueueName => PHASE_QUEUES[phase])),
  ];
  const running = new Set<HeldLease>();
  const handBack = new PlanyardError('aborted', 'The process shuts down');

  async function runPhase(job: Job): Promise<void> {
    const known = PHASE_OF[job.name];
    if (!known) throw new PlanyardError('internal', `There is no job "${job.name}"`);
    const { delivery, request_id, ...run } = known.schema.parse(job.data);
    const since = Date.now();
    const begun = await beginPhase(context, run, known.phase, delivery);
    if (!begun) return;
    const held: HeldPhase = {
      run_id: run.run_id,
      incarnation: run.incarnation,
      phase: known.phase,
      epoch: begun.epoch,
      writes: 0,
    };
    const lease = leases.hold(held, `@${known.phase}`, begun.epoch, since);
    running.add(lease);
    try {
      await handle(held, lease, begun.reason);
    } catch (error) {
      await recover(held, lease, request_id, error);
    } finally {
      running.delete(lease);
      lease.release();
    }
  }

  async function handle(held: HeldPhase, lease: HeldLease, reason: PlanningPhase['reason']): Promise<void> {
    const state = await readRun(context, held, context.workerRedis).catch(rethrow);
    if (!state) return;
    switch (held.phase) {
      case 'plan':
        return handlers.plan?.(await planningPhase(context, held, lease, state, reason));
      case 'join':
        return handlers.join?.(await joiningPhase(context, held, lease, state));
      case 'persist':
        return handlers.persist?.(await persistPhase(context, held, lease, state));
    }
  }

  /** A handler that threw: someone else may have taken over; else the phase is tried again, or handed back at shutdown. */
  async function recover(
    held: HeldPhase,
    lease: HeldLease,
    requestId: string,
    thrown: unknown,
  ): Promise<void> {
    const error = toPlanyardError(thrown);
    if (error.code === 'stale' || (lease.signal.aborted && lease.signal.reason !== handBack)) return;
    const handingBack = lease.signal.reason === handBack;
    if (!handingBack)
      context.log.error(
        { err: thrown, request_id: requestId, run_id: held.run_id, phase: held.phase },
        'phase failed',
      );
    const uncounted = handingBack || (error.code === 'unavailable' && (await mayWait(held)));
    const retry = {
      delayMs: handingBack ? 0 : RETRY_MS,
      maxTries: uncounted ? 0 : MAX_TRIES,
      outcome: failedOutcome(error.toBody()),
    };
    await failPhase(context, held, retry).catch((failure) => {
      if (toPlanyardError(failure).code !== 'stale') throw failure;
    });
  }

  /** For a database that is away, but not beyond the run's deadline. */
  async function mayWait(held: HeldPhase): Promise<boolean> {
    const state = await readRun(context, held, context.workerRedis).catch(rethrow);
    return state?.conclude !== 'deadline';
  }

  const workers = consumeQueues(context, queues, options.concurrency, runPhase);
  return {
    async close(graceMs) {
      const giveUp = setTimeout(() => {
        for (const lease of running) lease.abort(handBack);
      }, graceMs);
      await workers.close().finally(() => clearTimeout(giveUp));
    },
  };
}

async function phaseOf(
  context: EngineContext,
  held: HeldPhase,
  lease: HeldLease,
  state: RunState,
): Promise<Phase> {
  const { attempt } = state;
  return {
    run_id: held.run_id,
    incarnation: held.incarnation,
    record: state.record,
    attempt,
    attempts_before: state.attempts_before,
    epoch: held.epoch,
    agent: state.agent,
    strategy: state.strategy,
    budget: state.budget,
    deadline_at: state.deadline_at,
    signal: AbortSignal.any([lease.signal, ...untilDeadline(state, state)]),
    steps: await readSteps(context, held, context.workerRedis),
    refused: state.refused,
    spent: { cost_usd: state.cost_usd, tokens: state.tokens, steps: state.steps_used },
    modelCalled: (call: ModelCall) =>
      appendEvent(context, held, 'model.called', call, {
        cost_usd: call.cost_usd ?? 0,
        tokens: call.usage.input_tokens + call.usage.output_tokens,
      }),
    answerStarted: () => appendEvent(context, held, 'answer.started', { attempt }),
    answerDelta: (text) => appendEvent(context, held, 'answer.delta', { attempt, text }),
    answerCompleted: (text) => appendEvent(context, held, 'answer.completed', { attempt, text }),
    finish: (outcome) => finishRun(context, held, outcome),
  };
}

async function planningPhase(
  context: EngineContext,
  held: HeldPhase,
  lease: HeldLease,
  state: RunState,
  reason: PlanningPhase['reason'],
): Promise<PlanningPhase> {
  let added = 0;
  return {
    ...(await phaseOf(context, held, lease, state)),
    reason,
    note: state.note,
    found: state.found,
    context_plan: state.context_plan,
    async started(this: PlanningPhase, attempt) {
      const limits = await startAttempt(context, held, state, reason, attempt);
      return { ...this, ...limits, signal: AbortSignal.any([lease.signal, ...untilDeadline(state, limits)]) };
    },
    async addSteps(steps) {
      await addSteps(context, held, steps);
      added += steps.length;
    },
    copySteps: (steps) => copySteps(context, held, held.epoch, steps),
    sealWith: (steps, { intent, info }) =>
      addSteps(context, held, steps, {
        plan: {
          attempt: state.attempt,
          intent,
          steps: steps.length,
          ...(info ? { source: info.source } : {}),
        },
        info,
      }),
    seal: ({ intent, refused = [], strategy, info, found, context_plan }) =>
      sealPlan(
        context,
        held,
        {
          attempt: state.attempt,
          intent,
          steps: added,
          ...(refused.length > 0 ? { refused } : {}),
          ...(info ? { source: info.source } : {}),
        },
        { strategy, info, found, context_plan },
      ),
  };
}

async function joiningPhase(
  context: EngineContext,
  held: HeldPhase,
  lease: HeldLease,
  state: RunState,
): Promise<JoiningPhase> {
  return {
    ...(await phaseOf(context, held, lease, state)),
    must_conclude:
      state.conclude ??
      (state.attempt - state.attempts_before >= state.max_attempts
        ? 'attempts'
        : overBudget(state)
          ? 'budget'
          : null),
    replan: (note) => requestReplan(context, held, note),
  };
}

async function persistPhase(
  context: EngineContext,
  held: HeldPhase,
  lease: HeldLease,
  state: RunState,
): Promise<PersistPhase> {
  const run: RunRef = { run_id: held.run_id, incarnation: held.incarnation };
  const outcome =
    state.outcome ?? failedOutcome(new PlanyardError('internal', 'The run has no outcome').toBody());
  const events = await readEvents(context, run, 0, 1_000_000, context.workerRedis);
  const last: RunEvent = {
    number: (events.at(-1)?.number ?? 0) + 1,
    at: new Date(state.ended_at ?? Date.now()).toISOString(),
    type: `run.${outcome.status}`,
    data: { status: outcome.status, error: outcome.error },
  };
  return {
    ...run,
    state,
    outcome,
    steps: await readSteps(context, run, context.workerRedis),
    events: [...events.filter((event) => !isRunEnd(event.type)), last],
    model_calls: events.flatMap((event) => (event.type === 'model.called' ? [event.data] : [])),
    signal: lease.signal,
    announce: () => announceRun(context, held, outcome),
  };
}

/** Once a run concludes because its deadline has passed, the deadline ends nothing more. */
function untilDeadline(
  { conclude }: Pick<RunState, 'conclude'>,
  { deadline_at }: Pick<RunState, 'deadline_at'>,
): AbortSignal[] {
  if (deadline_at === null || conclude === 'deadline') return [];
  return [timeoutSignal(deadline_at - Date.now())];
}

function overBudget(state: RunState): boolean {
  const { budget } = state;
  return (
    (budget.cost_usd !== undefined && state.cost_usd >= budget.cost_usd) ||
    (budget.tokens !== undefined && state.tokens >= budget.tokens)
  );
}

function rethrow(error: unknown): never {
  throw toEngineError(error);
}
