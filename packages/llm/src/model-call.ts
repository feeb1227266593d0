import type { Caller, Fault, ModelCall } from '@planyard/contracts';
import type { OwnTimeouts } from './config/timeouts.ts';
import type { ChatRequest } from './contract.ts';
import type { BudgetScope } from './policies/budgets.ts';
import type { Question } from './policies/cache/similar-questions.ts';
import type { Kept } from './policies/cache/with-cache.ts';
import type { Demand } from './policies/demand.ts';
import type { LimitStanding } from './policies/limits.ts';
import type { Meter } from './policies/meter.ts';
import type { CallInfo } from './policies/record.ts';
import type { Target } from './policies/targets.ts';

/** What every call says about itself. */
export interface CallContext extends CallInfo {
  /** The name of a route, or `provider/model`. */
  model: string;
  /** Who asks; null where nobody has a key. */
  caller: Caller | null;
  signal: AbortSignal;
  /** Milliseconds since the epoch: the whole call, all tries together, ends then with `deadline`. */
  deadline_at: number | null;
  /** The run it belongs to; its budget is that of all calls of the run. */
  run_id?: string | null;
  /** Budgets on top of those of the settings. */
  budgets?: BudgetScope[];
  /** Milliseconds to wait for a limit of the caller's rather than to refuse; 0 by default. */
  patience_ms?: number;
  /** Where the caller's limits stand, once the call is let through. */
  onLimits?: (standings: LimitStanding[]) => void;
  /** `use`: a kept reply will do, whatever the temperature; `off`: none will. */
  cache?: 'use' | 'off' | undefined;
  /** Where they are shorter than those of the settings. */
  timeouts?: OwnTimeouts;
  /** The W3C header of who asks: its spans are children of that one. */
  traceparent?: string | undefined;
  /** Gets each try once it is over. */
  onCall: (call: ModelCall) => void | Promise<void>;
}

export interface ChatCall extends CallContext {
  request: ChatRequest;
}

/** A call of one's own making under the same policies: `open` is asked once for each try, with the model to ask. */
export interface StreamCall<T> extends CallContext {
  /** Whether the provider is asked to stream; goes into the metrics. */
  streaming: boolean;
  demand: Demand;
  /** `maxTokens`: what a budget affords the answer of a call that did not say; null: as asked. */
  open: (target: Target, signal: AbortSignal, maxTokens: number | null) => AsyncIterable<T>;
  meter: Meter<T>;
  /** How it is asked, in OpenAI's words; none of it need be sound. Goes into spans. */
  params?: () => object;
  /** What is asked, for records that hold it. */
  input: () => unknown;
  /** How its elements are kept where a reply may be given again; see `mayKeep`. */
  kept?: Kept<T> | null;
  /** What it asks, where the reply to a similar question may do; asked only where that is set. */
  question?: () => Question | null;
  /** What of it OpenAI's protocol alone can say; asked only where a model speaks another. */
  foreign?: () => Fault[];
}

/** A call without what it asks of a provider. */
export type DescribedCall<T> = Omit<StreamCall<T>, 'open'>;
