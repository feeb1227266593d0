import type { EngineObserver, ExecuteStep } from '@planyard/engine';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RunStepDeps } from './execute/deps.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface ToolMetrics {
  engine: EngineObserver;
  cache: RunStepDeps['observe']['cache'];
  /** Counts a step as running for as long as `execute` takes. */
  whileRunning(execute: ExecuteStep): ExecuteStep;
}

/** What this worker tells Prometheus about steps and its cache. */
export function createToolMetrics(registry: Registry): ToolMetrics {
  const registers = [registry];
  const retries = new Counter({
    name: 'planyard_step_retries_total',
    help: 'Steps that failed and are tried again',
    labelNames: ['tool'],
    registers,
  });
  const duration = new Histogram({
    name: 'planyard_step_duration_seconds',
    help: "A step's time in its worker, from begin to settle",
    labelNames: ['tool'],
    buckets: SECONDS,
    registers,
  });
  const delay = new Histogram({
    name: 'planyard_dispatch_delay_seconds',
    help: 'From the release of a step to its begin',
    buckets: [0.001, 0.002, 0.005, ...SECONDS.slice(1)],
    registers,
  });
  const running = new Gauge({
    name: 'planyard_steps_running',
    help: 'Steps that this worker executes right now; queues hold only those that wait',
    labelNames: ['tool'],
    registers,
  });
  const cache = new Counter({
    name: 'planyard_result_cache_total',
    help: 'Read-only calls: hit (kept), joined (the same call was in flight) or miss (made)',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  return {
    engine: {
      stepBegun: (_tool, delayMs) => delay.observe(Math.max(0, delayMs) / 1000),
      stepSettled(tool, outcome, durationMs) {
        duration.observe({ tool }, durationMs / 1000);
        if (outcome === 'retry') retries.inc({ tool });
      },
    },
    cache: (tool, outcome) => cache.inc({ tool, outcome }),
    whileRunning: (execute) => async (step, context) => {
      running.inc({ tool: step.tool });
      try {
        return await execute(step, context);
      } finally {
        running.dec({ tool: step.tool });
      }
    },
  };
}
