import { setTimeout as wait } from 'node:timers/promises';
import type { AdmittedStep, RunOutcome } from '@planyard/contracts';
import { createEngine, type PersistPhase } from '@planyard/engine';
import { connectRedis, createLogger } from '@planyard/runtime';
import { Worker } from 'bullmq';
import { answerCpu } from './cpu.ts';
import type { BenchStep } from './graphs.ts';

/*
 * The processes of the bench: `node processes.ts worker|phases|bullmq REDIS_URL [real]`. Each tells its parent when it is
 * ready, and the planner when it began to add steps and when a run has ended.
 */

const [role = '', redisUrl = '', archive = 'none'] = process.argv.slice(2);
const log = createLogger({ service: `bench-${role}`, level: 'error' });
const connect = (kind: 'producer' | 'worker') =>
  connectRedis({ url: redisUrl, role: kind, name: `bench-${role}`, log });
const engine = createEngine({ redis: connect('producer'), workerRedis: connect('worker'), log });
const worker = `${role}-${process.pid}`;

const ANSWER: RunOutcome = {
  status: 'completed',
  answer: 'done',
  citations: [],
  missing: [],
  planner: 'bench',
  error: null,
};

function admit(step: BenchStep, attempt: number): AdmittedStep {
  return {
    id: `${attempt}.${step.id}`,
    spec: {
      id: step.id,
      tool: 'bench.wait',
      args: { ms: step.ms },
      purpose: '',
      after: step.after,
      on_error: 'isolate',
    },
    data_deps: [],
    after_deps: step.after.map((id) => `${attempt}.${id}`),
    dispatch: { class: 'io', timeout_ms: 30_000, max_tries: 1 },
  };
}

switch (role) {
  case 'worker':
    engine.consumeSteps(
      async (step) => {
        const ms = Number(step.args.ms);
        if (ms > 0) await wait(ms);
        return {
          kind: 'completed',
          result: { value: ms, bytes: 2, count: null, records: [] },
          bound_args: step.args,
          cached: false,
        };
      },
      { classes: ['io'], concurrency: 64, worker },
    );
    break;
  case 'phases':
    engine.consumePhases(
      {
        async plan(phase) {
          const steps: BenchStep[] = JSON.parse(phase.record.request.question);
          const started = performance.timeOrigin + performance.now();
          await phase.addSteps(steps.map((step) => admit(step, phase.attempt)));
          process.send?.({ run_id: phase.run_id, started });
          await phase.seal({ intent: 'bench' });
        },
        join: (phase) => phase.finish(ANSWER),
        // With the results service at work the archive is real.
        ...(archive === 'real'
          ? {}
          : {
              async persist(phase: PersistPhase) {
                await phase.announce();
                process.send?.({ run_id: phase.run_id, ended: true });
              },
            }),
      },
      { concurrency: 32, worker },
    );
    setInterval(() => void engine.reconcile(), 1_000);
    break;
  case 'bullmq':
    new Worker(
      'raw',
      async ({ data }) => {
        if (data.tells) process.send?.({ began_at: performance.timeOrigin + performance.now() });
      },
      {
        connection: connect('worker'),
        prefix: 'raw:{p0}',
        concurrency: 64,
        removeOnComplete: { count: 0 },
      },
    );
    break;
}
answerCpu();
process.send?.('ready');
process.once('disconnect', () => process.exit());
