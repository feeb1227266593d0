import type {
  AdmittedStep,
  AgentStrategy,
  Budget,
  Caller,
  Catalog,
  Dispatch,
  ErrorBody,
  InventoryCatalog,
  JsonObject,
  ModelCall,
  PlanInfo,
  PlanStep,
  RefusedStep,
  RunEvent,
  RunId,
  RunOutcome,
  RunRecord,
  RunStatus,
  StepApproval,
  StepId,
  StepReason,
  StepStatus,
  StoredResult,
  ToolEffects,
  ToolFigures,
  ToolManifest,
  ToolName,
  Usage,
} from '@planyard/contracts';
import type { SourceCatalogs } from './source-catalogs.ts';

/** Addresses one life of a run: a run rebuilt after Redis lost its data has the next incarnation. */
export interface RunRef {
  run_id: RunId;
  incarnation: number;
}

/** A step as it stands in Redis. Times are milliseconds since the epoch. */
export interface StepState {
  id: StepId;
  attempt: number;
  /** As it entered the graph. */
  admitted: AdmittedStep;
  spec: PlanStep;
  status: StepStatus;
  reason: StepReason | null;
  depends_on: StepId[];
  queued_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  /** Times it began. */
  begins: number;
  /** Tries after one that failed, the fallback's too; an approval or a crash makes it begin again without one. */
  retries: number;
  /** The call that ran: the fallback's after `fallback_used`. */
  tool: ToolName;
  fallback_used: boolean;
  bound_args: JsonObject | null;
  result: StoredResult | null;
  error: ErrorBody | null;
  cached: boolean;
  cost_usd: number;
  usage: Usage | null;
  approval: StepApproval | null;
  /** Of the call that gave the result. */
  call_hash: string | null;
  /** The run that executed it, where that is another. */
  copied_from: RunId | null;
}

/** A run as it stands in Redis. */
export interface RunState extends RunRef {
  record: RunRecord;
  status: RunStatus;
  attempt: number;
  intent: string;
  sealed: boolean;
  /** Number of the attempt before its first one: a run that is run again counts on. */
  attempts_before: number;
  /** Set from the moment the run's end is decided; it is announced when the archive holds the run. */
  outcome: RunOutcome | null;
  planner: string | null;
  /** The one asked for, or the one that the question was sent to. */
  agent: string | null;
  strategy: AgentStrategy;
  /** The caller's limits, narrowed by those of the agent. */
  budget: Budget;
  /** Plans at most. */
  max_attempts: number;
  /** Of the plan that was sealed first. */
  plan: PlanInfo | null;
  steps_used: number;
  cost_usd: number;
  tokens: number;
  /** When each status was first reached. */
  times: Partial<Record<RunStatus, number>>;
  last_event: number;
  /** Milliseconds since the epoch; moves while the clock pauses for an approval. */
  deadline_at: number | null;
  /** Steps of the last sealed plan that are not in the graph. */
  refused: RefusedStep[];
  /** Why the joiner asked for the current attempt. */
  note: string | null;
  /** Set once the run may only answer. */
  conclude: 'deadline' | 'attempts' | null;
}

export type DependencyResult = { status: 'completed'; result: StoredResult } | { status: 'none' };

/** A step that this worker holds the lease of. */
export interface BegunStep extends RunRef {
  step: StepId;
  /** Every write about this step carries it; a stale one is refused. */
  epoch: number;
  /** 1 for the first try, counted up by retries. */
  try: number;
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
      cost_usd?: number;
      usage?: Usage;
    }
  /** `when` was false. */
  | { kind: 'skipped' }
  /** The engine retries, falls back or ends the step, as its policy says. */
  | { kind: 'failed'; error: ErrorBody; bound_args?: JsonObject }
  | { kind: 'awaiting_approval'; bound_args: JsonObject; effects: ToolEffects; expires_in_ms: number };

/** How a worker stands: steps that it runs, places it has, and what it measured of each tool. */
export interface WorkerStanding {
  running: number;
  places: number;
  figures: Record<ToolName, Omit<ToolFigures, 'load'>>;
}

export interface OfferedTools {
  tools: ToolManifest[];
  figures: ReadonlyMap<ToolName, ToolFigures>;
}

export interface StepContext {
  /** Aborted by cancel, deadline, timeout or a lost lease. */
  signal: AbortSignal;
  /**
   * To be awaited last before the tool is called. Rejects with `stale` when the lease has run out: a process that was
   * frozen since it began the step would execute what another has settled by now.
   */
  confirmLease(): Promise<void>;
  progress(message: string, percent: number | null): void;
}

export type ExecuteStep = (step: BegunStep, context: StepContext) => Promise<StepOutcome>;

/** What a phase of the planner holds: its writes are refused once another attempt or a cancel has taken over. */
export interface Phase extends RunRef {
  record: RunRecord;
  attempt: number;
  epoch: number;
  agent: string | null;
  strategy: AgentStrategy;
  budget: Budget;
  /** Milliseconds since the epoch; null without a deadline. */
  deadline_at: number | null;
  /** Aborted when the lease is lost, the run cancelled or past its deadline. */
  signal: AbortSignal;
  /** Every step of the run so far. */
  steps: StepState[];
  /** What the plan that was sealed last holds and the graph does not. */
  refused: RefusedStep[];
  /** Money and tokens used so far. */
  spent: { cost_usd: number; tokens: number; steps: number };
  modelCalled(call: ModelCall): Promise<void>;
  answerStarted(): Promise<void>;
  answerDelta(text: string): Promise<void>;
  answerCompleted(text: string): Promise<void>;
  /** Decides the run's end; the results service archives and announces it. */
  finish(outcome: RunOutcome): Promise<void>;
}

/** A step that has ended in another run. A result that is too large for Redis lies in Postgres for this run already. */
export interface CopiedStep
  extends Pick<
    StepState,
    | 'admitted'
    | 'reason'
    | 'tool'
    | 'fallback_used'
    | 'bound_args'
    | 'result'
    | 'error'
    | 'approval'
    | 'call_hash'
  > {
  status: 'completed' | 'failed' | 'skipped' | 'aborted';
  copied_from: RunId;
}

export interface StartedAttempt {
  /** `rules` or `provider/model`. */
  planner: string;
  agent?: string | null;
  strategy?: AgentStrategy;
  max_attempts?: number;
  /** Of the agent: what is tighter in the caller's stays. Only the first attempt of a run sets limits. */
  budget?: Budget;
}

export interface PlanningPhase extends Phase {
  reason: 'first' | 'replan' | 'restart';
  /** Why the joiner asked for a new plan. */
  note: string | null;
  /** Tells who makes this attempt; the phase goes on with the limits that hold from here. */
  started(attempt: StartedAttempt): Promise<PlanningPhase>;
  /** Adds steps while the run executes; each may refer to earlier steps only. Throws PlanyardError for a step the graph refuses; then none of the batch is added. */
  addSteps(steps: AdmittedStep[]): Promise<void>;
  /** Steps of another run enter the graph as they ended there, and are never executed. Those that are there already stay: it may be repeated. */
  copySteps(steps: CopiedStep[]): Promise<void>;
  /** `addSteps` and `seal` in one write: a planner that dies leaves all of the plan or nothing. */
  sealWith(steps: AdmittedStep[], plan: { intent: string; info?: PlanInfo }): Promise<void>;
  /** No more steps: the run joins when the last one settles. `refused`: what was planned and is not in the graph. */
  seal(plan: {
    intent: string;
    refused?: RefusedStep[];
    strategy?: AgentStrategy;
    info?: PlanInfo;
  }): Promise<void>;
}

export interface JoiningPhase extends Phase {
  /** Why this attempt must answer and may not replan; null when it may. */
  must_conclude: 'deadline' | 'attempts' | 'budget' | null;
  /** Asks for another attempt; only before `answerStarted`. */
  replan(note: string): Promise<void>;
}

/** Everything of an ended run, for the archive. */
export interface PersistPhase extends RunRef {
  state: RunState;
  outcome: RunOutcome;
  steps: StepState[];
  /** Every event so far, and the terminal one that `announce` will append. */
  events: RunEvent[];
  model_calls: ModelCall[];
  signal: AbortSignal;
  /** Announces the end: call when the archive is committed. Keys expire after it. */
  announce(): Promise<void>;
}

export interface PhaseHandlers {
  plan?: (phase: PlanningPhase) => Promise<void>;
  join?: (phase: JoiningPhase) => Promise<void>;
  persist?: (phase: PersistPhase) => Promise<void>;
}

/** A BullMQ consumer. `close` stops taking work and waits for what runs, at most the grace time; what is left is handed back. */
export interface Consumer {
  close(graceMs: number): Promise<void>;
}

/** Who decided about a step, and what they said. */
export interface Decided {
  by: string;
  comment: string | null;
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
  readSteps(runId: RunId): Promise<StepState[]>;
  readStep(runId: RunId, step: StepId): Promise<StepState | null>;
  /** Events with a number above `after`, at most `limit`. */
  readEvents(runId: RunId, after: number, limit?: number): Promise<RunEvent[]>;
  /** Events as they happen, from above `after` until the run's end or `signal`; polls and listens, so nothing is missed when a message is lost. Ends without a terminal event when Redis does not hold the run: read the archive then. */
  followEvents(runId: RunId, after: number, signal: AbortSignal): AsyncIterable<RunEvent>;

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
  /** The result of a settled step of this run with the same call, from an earlier attempt. */
  findAdoptable(step: BegunStep, callHash: string): Promise<{ step: StepId; result: StoredResult } | null>;

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
