import type {
  Catalog,
  ErrorBody,
  InventoryCatalog,
  JsonObject,
  RunEvent,
  RunId,
  RunRecord,
  RunStatus,
  StepId,
  StoredResult,
  ToolEffects,
  ToolFigures,
  ToolManifest,
  ToolName,
} from '@planyard/contracts';
import type { SeenEvent } from './follow-events.ts';
import type { PhaseHandlers } from './phase.ts';
import type { RunRef, RunState, StepState } from './run-state.ts';
import type { SourceCatalogs } from './source-catalogs.ts';
import type { BegunStep, ExecuteStep } from './step-execution.ts';

/** Averages over a tool's calls. */
export type Measured = Pick<ToolFigures, 'calls' | 'ms' | 'success' | 'cached'>;

/** How a worker stands: steps that it runs, places it has, and what it measured of each tool. */
export interface WorkerStanding {
  running: number;
  places: number;
  /** Of the tools that it called itself. */
  figures: Record<ToolName, Measured & Pick<ToolFigures, 'breaker'>>;
  /** What all workers had measured when it came. */
  before: Record<ToolName, Measured>;
}

export interface OfferedTools {
  tools: ToolManifest[];
  figures: ReadonlyMap<ToolName, ToolFigures>;
}

/** A BullMQ consumer. `close` stops taking work and waits for what runs, at most the grace time; what is left is handed back. */
export interface Consumer {
  close(graceMs: number): Promise<void>;
}

/** Who decided about a step, and what they said. */
export interface Decided {
  by: string;
  comment: string | null;
  /** The call that was decided about; undefined: whichever it is. */
  call?: string;
}

/** Arguments that fit the tool: whoever passes them has checked that. */
export interface EditedCall {
  tool: ToolName;
  args: JsonObject;
}

/** A façade over the transitions: one method each, in the order a run meets them. */
export interface Engine {
  // Gateway
  /** Runs not yet ended; `submitRun` refuses with `overloaded` at the cap. */
  openRuns(): Promise<number>;
  /** Creates the run's state and enqueues `plan-run`. Idempotent: repeating it for the same incarnation changes nothing. */
  submitRun(run: RunRecord): Promise<void>;
  /** False when the run is not open in Redis. */
  cancelRun(runId: RunId): Promise<boolean>;
  /** `edited` takes the place of the arguments that the step asked with; `conflict` when it asks for another tool than `edited.tool` by now. */
  approveStep(runId: RunId, step: StepId, decided: Decided & { edited?: EditedCall }): Promise<void>;
  rejectStep(runId: RunId, step: StepId, decided: Decided): Promise<void>;
  abortStep(runId: RunId, step: StepId): Promise<void>;
  /** null when Redis does not (or no longer) hold the run. */
  readRun(runId: RunId): Promise<RunState | null>;
  /** Of `readRun` the status alone. */
  readStatus(runId: RunId): Promise<RunStatus | null>;
  readSteps(runId: RunId): Promise<StepState[]>;
  readStep(runId: RunId, step: StepId): Promise<StepState | null>;
  /** Events with a number above `after`, at most `limit`. */
  readEvents(runId: RunId, after: number, limit?: number): Promise<RunEvent[]>;
  /** Events as they happen, from the one after `after` until the run's end or `signal`, and from the start where the run does not know that one (any more); polls and listens, so nothing is missed when a message is lost. Ends without a terminal event when Redis does not hold the run: read the archive then. */
  followEvents(runId: RunId, after: SeenEvent, signal: AbortSignal): AsyncIterable<RunEvent>;

  // Planner and results
  consumePhases(handlers: PhaseHandlers, options: { concurrency: number; worker: string }): Consumer;

  // Tool worker
  consumeSteps(
    execute: ExecuteStep,
    options: {
      classes: string[];
      concurrency: number;
      worker: string;
      /** What `execute` may take on top of a step's timeout, to start a process for it. Default 0. */
      start_ms?: number;
    },
  ): Consumer;
  /** What came of the same call in an earlier attempt of this run; null also for what was read before something was written. */
  findSettled(
    step: BegunStep,
    callHash: string,
    effects: ToolEffects,
  ): Promise<{ step: StepId; result: StoredResult } | { step: StepId; error: ErrorBody } | null>;

  // Tool catalogue: leases in Redis
  /** `standing`: the worker's running figures, which go with the lease. */
  publishTools(
    worker: string,
    manifests: ToolManifest[],
    ttlMs: number,
    standing?: WorkerStanding,
  ): Promise<void>;
  withdrawTools(worker: string): Promise<void>;
  /** By name; the same array, of the same manifests, until what workers offer has changed. */
  listTools(): Promise<ToolManifest[]>;
  /** The tools, and how each does over all of its workers. */
  offeredTools(): Promise<OfferedTools>;
  /** One inventory a tenant and source. */
  publishCatalog(tenant: string, catalog: InventoryCatalog, ttlMs: number): Promise<void>;
  /** Inventories, and the tables of data sources. */
  listCatalogs(tenant: string): Promise<Catalog[]>;
  /** The catalogs of data sources, one by one. */
  sources: SourceCatalogs;

  // Reconciler (in results)
  /** One pass over every gap between two writes; returns how many of each kind were repaired. */
  reconcile(): Promise<Record<string, number>>;
  /** Which of these open runs Redis does not hold; the caller rebuilds them with the next incarnation. */
  missingRuns(runs: RunRef[]): Promise<RunRef[]>;

  close(): Promise<void>;
}
