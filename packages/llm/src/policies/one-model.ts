import type { Tracer } from '@opentelemetry/api';
import type { ModelCall, Usage } from '@planyard/contracts';
import type { LlmMetrics } from '../metrics.ts';
import type { DescribedCall } from '../model-call.ts';
import type { ModelLabels } from '../model-labels.ts';
import { costOf } from '../prices.ts';
import { type AdmissionContext, type Used, withTargetLimits } from './admission.ts';
import type { Breakers } from './breakers/breakers.ts';
import { tierAt } from './budgets.ts';
import { recorded } from './record.ts';
import { withRetries } from './retries.ts';
import type { Standing } from './standing.ts';
import type { Target } from './targets.ts';
import { withTimeouts } from './timeouts.ts';
import { traceCall } from './trace-call.ts';

/** Makes one try; what it asks of the provider it asks within the time limits. */
export type Attempt<T> = (
  target: Target,
  maxTokens: number | null,
  timed: (open: (signal: AbortSignal, onPiece: () => void) => AsyncIterable<T>) => AsyncIterable<T>,
) => AsyncIterable<T>;

export interface OneModelDeps {
  breakers: Breakers;
  standing: Standing;
  metrics: LlmMetrics;
  labels: ModelLabels;
  /** Gets a span of each try; null where nobody traces. */
  tracer: Tracer | null;
  /** Takes secrets out of a text before a record holds it. */
  redact: (text: string) => string;
}

/** Asks one model of a route: its limits, retries, breaker, record and timeouts, outermost first. `usedByAll` counts what every model of the route uses. */
export function askOneModel<T>(
  deps: OneModelDeps,
  call: DescribedCall<T>,
  attempt: Attempt<T>,
  { target, maxTokens, usedByAll }: { target: Target; maxTokens: number | null; usedByAll: Used },
  admission: AdmissionContext,
): AsyncIterable<T> {
  const { metrics, tracer, breakers, standing } = deps;
  const { settings, signal, now, random } = admission;
  const { id, name, provider } = target;
  const { demand } = call;
  const labels = deps.labels.of(name, call);
  const used: Used = { tokens: 0, usd: 0 };
  const recording = {
    ...call,
    signal,
    info: call,
    audited: settings.audit.content
      ? (text: string) => auditedOf(text, settings.audit.content_chars, deps.redact)
      : null,
    async onCall(record: ModelCall) {
      if (tracer)
        traceCall(tracer, record, {
          protocol: provider.protocol,
          run_id: call.run_id ?? null,
          caller: call.caller,
          traceparent: call.traceparent,
          params: {
            ...call.params?.(),
            ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
            stream: call.streaming,
          },
        });
      await call.onCall(record);
    },
    metrics,
    labels,
    price: target.price,
    tier: tierAt(target, demand.tier),
    inputTokens: () => demand.input_tokens([name.model]),
    onUsed(usage: Usage, costUsd: number | null) {
      for (const each of [used, usedByAll]) {
        each.tokens += usage.input_tokens + usage.output_tokens;
        // What nobody knows is no less than the usual.
        each.usd += costUsd ?? costOf(target.price, usage, 'standard') ?? 0;
      }
    },
    now,
  };
  const timed = (open: (signal: AbortSignal, onPiece: () => void) => AsyncIterable<T>) =>
    withTimeouts(open, target.timeouts, {
      signal,
      streaming: call.streaming,
      own: call.timeouts,
      onTimeout: (phase) => metrics.timeouts.inc({ ...labels, phase }),
    });
  const seen = () => recorded(() => attempt(target, maxTokens, timed), name, recording);
  const guarded = () => breakers.guard(id, seen);
  const retried = () =>
    withRetries(guarded, settings.retries, {
      signal,
      deadlineAt: call.deadline_at,
      mayTry: () => breakers.state(id) !== 'open',
      onRetry: (error) => metrics.retries.inc({ ...labels, error_type: error.kind }),
      random,
      now,
    });
  // Counted in flight from the moment it is chosen: else those that choose meanwhile would choose alike.
  return standing.watch(id, () => withTargetLimits(target, demand, used, retried, admission));
}

/** Characters of a secret at most. */
const LONGEST_SECRET = 1_000;

/** What a record holds of a text. A secret that is cut in two would not be known for one: where more is cut off before secrets are looked for, what may be half of one goes, too. */
function auditedOf(text: string, chars: number, redact: OneModelDeps['redact']): string {
  const longest = chars + LONGEST_SECRET;
  const told = redact(text.slice(0, longest));
  if (text.length <= longest) return told.slice(0, chars);
  const whole = Math.max(told.lastIndexOf(' ') + 1, told.length - LONGEST_SECRET);
  return told.slice(0, Math.min(chars, whole));
}
