import { type ModelCall, Usage } from '@planyard/contracts';
import type { Price } from '../config/price.ts';
import type { LlmMetrics } from '../metrics.ts';
import { toModelError } from '../model-error.ts';
import type { ModelLabels } from '../model-labels.ts';
import type { ModelName } from '../model-name.ts';
import { type AskedTier, costOf, servedTier } from '../prices.ts';
import { countTokens } from '../tokens/count-tokens.ts';
import type { Meter } from './meter.ts';

/** What a call is for: goes into its record and its metrics. */
export interface CallInfo {
  purpose: ModelCall['purpose'];
  agent: string | null;
  request_id: string;
  /** Name and version of the prompt, `plan@2`. */
  prompt: string | null;
}

export interface Recording<T> {
  info: CallInfo;
  /** Whether the provider was asked to stream. */
  streaming: boolean;
  meter: Meter<T>;
  metrics: LlmMetrics;
  labels: ReturnType<ModelLabels['of']>;
  /** null: not known. */
  price: Price | null;
  /** What was asked for. */
  tier: AskedTier;
  /** What is counted where the provider tells no usage. */
  inputTokens: () => Promise<number>;
  /** Makes the texts of a call fit for its record; null keeps them out of it. */
  audited: ((text: string) => string) | null;
  /** What was asked, for the record. */
  input: () => unknown;
  /** Gets what each try has used. */
  onUsed: (usage: Usage, costUsd: number | null) => void;
  signal: AbortSignal;
  now: () => number;
  /** Gets every try once it is over, however it ended. */
  onCall: (call: ModelCall) => void | Promise<void>;
}

export const NO_USAGE = Usage.parse({});

/** Passes a stream on, counts it and makes its `ModelCall`. */
export async function* recorded<T>(
  open: () => AsyncIterable<T>,
  name: ModelName,
  recording: Recording<T>,
): AsyncIterable<T> {
  const { info, meter, metrics, labels, now } = recording;
  const startedAt = now();
  let firstTokenMs: number | null = null;
  let usage: Usage | null = null;
  /** What came before any usage was told, or all where the record holds it. */
  const held: T[] = [];
  let status: ModelCall['status'] = 'cancelled';
  let error: ModelCall['error'] = null;
  let asked = false;
  metrics.active.inc(labels);
  try {
    for await (const element of open()) {
      if (firstTokenMs === null) {
        firstTokenMs = now() - startedAt;
        // Of a whole reply it is the end.
        if (recording.streaming) metrics.firstToken.observe(labels, firstTokenMs / 1000);
      }
      usage = meter.usage(element) ?? usage;
      if (usage === null || recording.audited) held.push(element);
      if (usage !== null || !meter.ends(element)) yield element;
      else {
        usage = await estimated(meter.text(held), recording);
        yield* meter.told(element, usage, held);
      }
    }
    status = 'ok';
  } catch (thrown) {
    const failure = toModelError(thrown, recording.signal);
    status = failure.kind === 'cancelled' ? 'cancelled' : 'error';
    asked = failure.byCaller;
    usage = failure.usage ?? usage;
    error = failure.toBody();
    metrics.errors.inc({ ...labels, error_type: failure.kind });
    throw failure;
  } finally {
    const durationMs = now() - startedAt;
    // A caller who left, or whose time is over, has sent its question all the same.
    asked ||= firstTokenMs !== null || status === 'cancelled';
    if (usage === null && asked) usage = await estimated(meter.text(held), recording);
    const tier = servedTier(usage?.service_tier, recording.tier);
    const cost = usage === null ? 0 : costOf(recording.price, usage, tier);
    metrics.active.dec(labels);
    metrics.requests.inc({ ...labels, status });
    metrics.duration.observe({ ...labels, streaming: String(recording.streaming) }, durationMs / 1000);
    metrics.inputTokens.inc(labels, usage?.input_tokens ?? 0);
    metrics.outputTokens.inc(labels, usage?.output_tokens ?? 0);
    if (usage?.estimated) metrics.estimated.inc(labels);
    if (cost === null) metrics.unpriced.inc(labels);
    else metrics.cost.inc(labels, cost);
    recording.onUsed(usage ?? NO_USAGE, cost);
    await recording.onCall({
      ...name,
      purpose: info.purpose,
      agent: info.agent,
      request_id: info.request_id,
      prompt: info.prompt,
      status,
      usage: usage ?? NO_USAGE,
      cost_usd: cost,
      started_at: new Date(startedAt).toISOString(),
      duration_ms: durationMs,
      first_token_ms: firstTokenMs,
      error,
      ...(recording.audited
        ? {
            content: {
              input: recording.audited(JSON.stringify(recording.input())),
              output: recording.audited(meter.text(held)),
            },
          }
        : {}),
    });
  }
}

async function estimated<T>(text: string, recording: Recording<T>): Promise<Usage> {
  const [input_tokens, output_tokens] = await Promise.all([recording.inputTokens(), countTokens(text)]);
  return { ...NO_USAGE, input_tokens, output_tokens, estimated: true };
}
