import { PlanyardError, type QueueName, RunStepJob, toPlanyardError } from '@planyard/contracts';
import type { Consumer } from './api.ts';
import { consumeQueues } from './consume-queues.ts';
import { type EngineContext, runScript } from './context.ts';
import { waitInInbox } from './inbox.ts';
import { refOf } from './keys.ts';
import type { HeldLease, LeaseKeeper } from './lease-keeper.ts';
import { createPlaces } from './places.ts';
import { createSettleBatches } from './settle-batches.ts';
import { countSpending } from './spending.ts';
import type { BegunStep, ExecuteStep, StepContext } from './step-execution.ts';
import { beginSteps } from './transitions/begin-step.ts';
import { reserveCost } from './transitions/reserve-cost.ts';
import type { EndedStep, Take } from './transitions/settle-step.ts';

const HANDED_BACK = new PlanyardError('aborted', 'The worker shuts down');
const MAX_TAKEN = 4;
const PROGRESS_EVERY_MS = 200;

/**
 * Takes steps from the queues of some tool classes, executes them under a lease, settles them, and goes on with what
 * they released. A job is over when its steps have begun here, not when they end: from then on their leases stand for
 * them, and the next job is fetched as soon as there is a place for it.
 */
export function consumeSteps(
  context: EngineContext,
  leases: LeaseKeeper,
  execute: ExecuteStep,
  options: { classes: string[]; concurrency: number; worker: string; start_ms?: number },
): Consumer {
  // The scripts write it into events as it is.
  if (!/^[\w.-]{1,200}$/.test(options.worker))
    throw new PlanyardError('invalid_config', `"${options.worker}" names no worker`);
  const queues = options.classes.map((toolClass): QueueName => `tool-${toolClass}` as QueueName);
  const places = createPlaces(options.concurrency);
  const running = new Set<HeldLease>();
  const tasks = new Set<Promise<void>>();
  let closing = false;
  // A few at most, so that other workers get their share.
  const take = (ended: number): Take => ({
    queues,
    worker: options.worker,
    places: places.takeAfter(ended, closing ? 0 : MAX_TAKEN * ended),
  });
  const settle = createSettleBatches(context, {
    take,
    began: startSteps,
    over: places.settled,
  });

  function startSteps(steps: BegunStep[], since: number): void {
    for (const step of steps) {
      track(
        runStep(step, since).catch((error) =>
          // Its lease runs out, and the step is released again.
          context.log.error({ err: error, ...namesOf(step) }, 'a step was left'),
        ),
      );
    }
  }

  /** A worker that closes waits for it. */
  function track(task: Promise<void>): void {
    tasks.add(task);
    void task.finally(() => tasks.delete(task));
  }

  /** Runs a step that was asked for at `since`, with a place of its own; its end may start others. */
  async function runStep(step: BegunStep, since: number): Promise<void> {
    const lease = leases.hold(step, step.step, step.epoch, since);
    running.add(lease);
    const startedAt = performance.now();
    try {
      const ended = await executeWithin(step, lease);
      // Null: someone else has it, or it is over. What came of it here counts for nothing.
      if (ended === null) return;
      const duration = Math.round((performance.now() - startedAt) * 1000) / 1000;
      await settle({ ...ended, step, duration_ms: duration });
    } finally {
      running.delete(lease);
      lease.release();
      places.give(1);
    }
  }

  async function executeWithin(
    step: BegunStep,
    lease: HeldLease,
  ): Promise<Pick<EndedStep, 'outcome' | 'spent'> | null> {
    // One signal for all that ends a step early: signals made of signals are dear, and each step would have one.
    const { signal } = lease;
    let overLimit = false;
    const end = (error: PlanyardError) => {
      overLimit ||= !signal.aborted;
      lease.abort(error);
    };
    const spending = countSpending(step, { reserve: (costUsd) => reserveCost(context, step, costUsd), end });
    let call: Omit<Parameters<StepContext['bound']>[0], 'once'> | undefined;
    let underWay = false;
    const bound: StepContext['bound'] = ({ once = false, ...made }) => {
      call = made;
      underWay = once;
    };
    const timer = setTimeout(
      () => end(new PlanyardError('timeout', `${step.tool} took more than ${step.timeout_ms} ms`)),
      step.timeout_ms + (options.start_ms ?? 0),
    );
    try {
      // A tool that does not listen to its signal must not hold the step for ever: the race ends without it.
      const makeCall: StepContext['makeCall'] = async (costUsd, call, before) => {
        await spending.reserve(costUsd);
        if (before) await before();
        // Nothing may come between the two: while something else runs here, the process may be frozen.
        lease.ensureHeld();
        return call();
      };
      const progress = reporter(step);
      const executing = execute(step, { signal, bound, makeCall, spent: spending.tell, progress });
      const outcome = await Promise.race([executing, rejectOn(signal)]);
      const spent = spending.total(false);
      return { outcome: outcome.kind === 'failed' ? { ...call, ...outcome } : outcome, spent };
    } catch (error) {
      const spent = spending.total(true);
      if (signal.reason === HANDED_BACK) return { outcome: { kind: 'handed_back' }, spent };
      if (signal.aborted && !overLimit) return null;
      const reason = underWay
        ? new PlanyardError('outcome_unknown', `${step.tool} was cut off, and nobody knows how it ended`)
        : (signal.reason ?? error);
      const body = toPlanyardError(reason, 'tool_failed').toBody();
      return { outcome: { kind: 'failed', error: body, ...call }, spent };
    } finally {
      clearTimeout(timer);
    }
  }

  function reporter(step: BegunStep): StepContext['progress'] {
    let last = 0;
    return (message, percent) => {
      if (performance.now() - last < PROGRESS_EVERY_MS) return;
      last = performance.now();
      const event = JSON.stringify({ step: step.step, message: message.slice(0, 500), percent });
      const prefix = context.keys.prefix(context.keys.partitionOf(step.run_id));
      runScript(context, context.redis, 'report-progress', prefix, [
        refOf(step),
        step.step,
        step.epoch,
        event,
      ]).catch((error) => context.log.warn({ err: error, ...namesOf(step) }, 'progress not reported'));
    };
  }

  /** Takes over what of a job there are places for. What goes wrong here, its due record mends. */
  async function beginJob(job: RunStepJob): Promise<void> {
    const since = Date.now();
    const taken = places.take(job.steps.length);
    let begun: BegunStep[] = [];
    try {
      begun = await beginSteps(context, job, options.worker, taken);
      startSteps(begun, since);
    } finally {
      places.give(taken - begun.length);
    }
  }

  function startJob(job: RunStepJob): void {
    const { request_id, run_id } = job;
    track(
      beginJob(job).catch((error) =>
        context.log.error({ err: error, request_id, run_id }, 'steps not begun'),
      ),
    );
  }

  const workers = consumeQueues(context, queues, 1, async ({ data }) => {
    // Not awaited: the end of the job travels right behind it on the same connection, and brings the next job.
    startJob(RunStepJob.parse(data));
    await places.untilFree();
  });
  const inboxes = Array.from({ length: context.settings.partitions }, (_, partition) =>
    waitInInbox(context, partition, queues, { places, received: startJob }),
  );

  return {
    async close(graceMs) {
      closing = true;
      places.release();
      const giveUp = setTimeout(() => {
        for (const lease of running) lease.abort(HANDED_BACK);
      }, graceMs);
      try {
        await Promise.all([workers.close(), ...inboxes.map((inbox) => inbox.close())]);
        while (tasks.size > 0) await Promise.all(tasks);
      } finally {
        clearTimeout(giveUp);
      }
    },
  };
}

/** What identifies a step in the log. */
function namesOf({ request_id, run_id, step }: BegunStep) {
  return { request_id, run_id, step_id: step };
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
