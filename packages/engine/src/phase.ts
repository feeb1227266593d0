import type {
  AdmittedStep,
  AgentStrategy,
  Budget,
  ContextPlan,
  ModelCall,
  PlanInfo,
  RefusedStep,
  RunEvent,
  RunOutcome,
  RunRecord,
  ToolName,
} from '@planyard/contracts';
import type { CopiedStep, RunRef, RunState, StepState } from './run-state.ts';

/** What a phase of the planner holds: its writes are refused once another attempt or a cancel has taken over. */
export interface Phase extends RunRef {
  record: RunRecord;
  attempt: number;
  /** Attempts that its number counts and this run has not made: those of the run it runs again. */
  attempts_before: number;
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
  /** Tools that earlier attempts searched for and planned with. */
  found: ToolName[];
  /** What a model chose in an earlier attempt for this one to look at. */
  context_plan: ContextPlan | null;
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
  /** No more steps: the run joins when the last one settles. `refused`: what was planned and is not in the graph; `found`, `context_plan`: what the next attempt finds there. */
  seal(plan: {
    intent: string;
    refused?: RefusedStep[];
    strategy?: AgentStrategy;
    info?: PlanInfo;
    found?: ToolName[];
    context_plan?: ContextPlan | null;
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
