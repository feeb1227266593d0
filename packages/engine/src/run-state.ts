import type {
  AdmittedStep,
  AgentStrategy,
  Budget,
  ContextPlan,
  ErrorBody,
  JsonObject,
  ModelUsage,
  PlanInfo,
  PlanStep,
  RefusedStep,
  RunId,
  RunOutcome,
  RunRecord,
  RunStatus,
  StepApproval,
  StepId,
  StepReason,
  StepStatus,
  StoredResult,
  ToolName,
} from '@planyard/contracts';

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
  /** Of all its tries. */
  cost_usd: number;
  /** The same, where its tool called models. */
  models: ModelUsage[];
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
  /** When it was decided, in milliseconds since the epoch. */
  ended_at: number | null;
  planner: string | null;
  /** The one asked for, or the one that the question was sent to. */
  agent: string | null;
  strategy: AgentStrategy;
  /** The caller's limits, narrowed by those of the agent once an attempt has started. */
  budget: Budget;
  /** Whether they are: from then on they stand. */
  limited: boolean;
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
  /** For how long the clock has paused before. */
  paused_ms: number;
  /** Milliseconds since the epoch; null while the clock runs. */
  paused_at: number | null;
  /** Steps of the last sealed plan that are not in the graph. */
  refused: RefusedStep[];
  /** Tools that its attempts have searched for and planned with: those to come know them too. */
  found: ToolName[];
  /** What a model has chosen for all of its attempts to look at. */
  context_plan: ContextPlan | null;
  /** Why the joiner asked for the current attempt. */
  note: string | null;
  /** Set once the run may only answer. */
  conclude: 'deadline' | 'attempts' | null;
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
