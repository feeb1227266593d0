import type {
  Caller,
  Dispatch,
  ErrorBody,
  JsonObject,
  PlanStep,
  Spending,
  StepId,
  StoredResult,
  ToolEffects,
  ToolName,
} from '@planyard/contracts';
import type { RunRef } from './run-state.ts';

export type DependencyResult = { status: 'completed'; result: StoredResult } | { status: 'none' };

/** A step that this worker holds the lease of. */
export interface BegunStep extends RunRef {
  step: StepId;
  /** Every write about this step carries it; a stale one is refused. */
  epoch: number;
  /** 1 for the first try, counted up by retries. */
  try: number;
  /** By earlier tries, in USD. */
  spent_usd: number;
  /** A crashed worker began this step before. */
  recovered: boolean;
  tool: ToolName;
  /** As planned, with references: bind them with `bindStep`. The fallback's after a fallback. */
  args: JsonObject;
  spec: PlanStep;
  is_fallback: boolean;
  /** Bound and frozen when approval was asked for; execute exactly these. */
  frozen_args: JsonObject | null;
  deps: Record<StepId, DependencyResult>;
  caller: Caller;
  request_id: string;
  agent: string | null;
  use_cache: boolean;
  timeout_ms: number;
  max_tries: number;
  /** The call that takes its place when it fails for good. */
  fallback: { tool: ToolName; dispatch: Dispatch } | null;
  /** `run/attempt/step`: the same for every try, for tools that can deduplicate. */
  idempotency_key: string;
}

export type StepOutcome =
  | {
      kind: 'completed';
      result: StoredResult;
      bound_args: JsonObject;
      /** Hash of tool and bound arguments; a later attempt with the same call adopts this result. */
      call_hash?: string;
      cached: boolean;
      /** It changed something, or may have: no later attempt adopts what was read before. */
      wrote?: boolean;
    }
  /** `when` was false. */
  | { kind: 'skipped' }
  /** The engine retries, falls back or ends the step, as its policy says. */
  | { kind: 'failed'; error: ErrorBody; bound_args?: JsonObject; call_hash?: string; wrote?: boolean }
  | { kind: 'awaiting_approval'; bound_args: JsonObject; effects: ToolEffects; expires_in_ms: number };

export interface StepContext {
  /**
   * Tells which call it is, once its arguments are bound: that goes with whatever failure comes after, a timeout too.
   * `wrote`: it is being made, and changes something. `once`: and may not be made twice; a timeout from now on is an
   * `outcome_unknown`.
   */
  bound(call: { bound_args: JsonObject; call_hash: string; wrote?: boolean; once?: boolean }): void;
  /** Aborted by cancel, deadline, timeout or a lost lease. */
  signal: AbortSignal;
  /**
   * Calls the tool, with what the call is expected to cost in USD, once what must be done `before` is done. Rejects
   * without calling it with `budget_exceeded` when a budget does not cover that, with `stale` when the lease has run out:
   * a process that was frozen since it began the step would execute what another has settled by now.
   */
  makeCall<T>(costUsd: number, call: () => T | Promise<T>, before?: () => Promise<void>): Promise<T>;
  /** What the call has spent; more of it may follow. It counts whatever becomes of the step. */
  spent(spending: Spending): void;
  progress(message: string, percent: number | null): void;
}

export type ExecuteStep = (step: BegunStep, context: StepContext) => Promise<StepOutcome>;
