import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BreakerState } from './policies/breakers/breakers.ts';

const LABELS = ['provider', 'model', 'agent'] as const;

/** What `llm_breaker_state` shows for each state. */
export const BREAKER_VALUE: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 };

export type LlmMetrics = ReturnType<typeof createLlmMetrics>;

/** The `llm_*` set, registered where the service's other metrics are. */
export function createLlmMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'llm_requests_total',
      help: 'Model calls by how they ended',
      labelNames: [...LABELS, 'status'],
      registers,
    }),
    inputTokens: new Counter({
      name: 'llm_tokens_input_total',
      help: 'Tokens sent to models',
      labelNames: LABELS,
      registers,
    }),
    outputTokens: new Counter({
      name: 'llm_tokens_output_total',
      help: 'Tokens received from models',
      labelNames: LABELS,
      registers,
    }),
    duration: new Histogram({
      name: 'llm_request_duration_seconds',
      help: 'Time from a call to the end of its reply',
      labelNames: [...LABELS, 'streaming'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
      registers,
    }),
    firstToken: new Histogram({
      name: 'llm_time_to_first_token_seconds',
      help: 'Time from a call to the first piece of its reply',
      labelNames: LABELS,
      buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60],
      registers,
    }),
    cost: new Counter({
      name: 'llm_cost_dollars_total',
      help: 'Cost of model calls whose price is known, in USD',
      labelNames: LABELS,
      registers,
    }),
    unpriced: new Counter({
      name: 'llm_unpriced_requests_total',
      help: 'Model calls whose cost is unknown, since their model has no price',
      labelNames: LABELS,
      registers,
    }),
    estimated: new Counter({
      name: 'llm_estimated_usage_total',
      help: 'Model calls whose tokens were counted here, since the reply told none',
      labelNames: LABELS,
      registers,
    }),
    active: new Gauge({
      name: 'llm_active_requests',
      help: 'Model calls under way',
      labelNames: LABELS,
      registers,
    }),
    errors: new Counter({
      name: 'llm_errors_total',
      help: 'Failed model calls by kind',
      labelNames: [...LABELS, 'error_type'],
      registers,
    }),
    breaker: new Gauge({
      name: 'llm_breaker_state',
      help: 'Circuit breakers as this process sees them: 0 closed, 1 half-open, 2 open',
      labelNames: ['provider', 'model'],
      registers,
    }),
    configValid: new Gauge({
      name: 'llm_config_valid',
      help: '0 while planyard.yaml as it is now is broken and the last good one stays',
      registers,
    }),
    missing: new Gauge({
      name: 'llm_model_missing',
      help: 'Configured models that are not to be had',
      labelNames: ['provider', 'model'],
      registers,
    }),
    cache: new Counter({
      name: 'llm_cache_requests_total',
      help: 'Model calls that may be kept: hit, joined (made by another call meanwhile), similar, or miss',
      labelNames: ['model', 'agent', 'result'],
      registers,
    }),
    timeouts: new Counter({
      name: 'llm_timeouts_total',
      help: 'Model calls ended by a time limit, by which',
      labelNames: [...LABELS, 'phase'],
      registers,
    }),
    retries: new Counter({
      name: 'llm_retries_total',
      help: 'Further tries of model calls, by the error that called for them',
      labelNames: [...LABELS, 'error_type'],
      registers,
    }),
    fallbacks: new Counter({
      name: 'llm_fallbacks_total',
      help: 'Model calls that went on to another model of their route',
      labelNames: [...LABELS, 'to_provider', 'to_model', 'error_type'],
      registers,
    }),
  };
}
