import type { ErrorBody, Spending } from '@planyard/contracts';
import type { BegunStep, EngineSettings, StepContext, StepOutcome } from '@planyard/engine';
import type { LogLevel } from '@planyard/runtime';
import type { RemoteQuery, RemoteRows } from './remote-database.ts';

/** What the worker tells the process that runs one step alone. */
export type ToSolo =
  | {
      kind: 'run';
      step: BegunStep;
      redisUrl: string;
      engine: Partial<EngineSettings>;
      logLevel: LogLevel;
      approvalMs: number;
      /** Where the tool files are; the service's own by default. */
      toolsDirectory: string | undefined;
    }
  /** Answered with `call_prepared`. */
  | { kind: 'call_covered' }
  | { kind: 'call_admitted' }
  | { kind: 'call_refused'; error: ErrorBody }
  | { kind: 'rows'; id: number; rows: RemoteRows }
  | { kind: 'refused'; id: number; message: string; code: string | undefined };

/** What it tells the worker. */
export type FromSolo =
  | { kind: 'query'; id: number; query: RemoteQuery }
  /** Answered with `call_covered` and `call_admitted`, or `call_refused`; a worker that has lost the step kills the process, too. */
  | { kind: 'may_call'; cost_usd: number }
  | { kind: 'call_prepared' }
  | { kind: 'spent'; spending: Spending }
  | { kind: 'bound'; call: Parameters<StepContext['bound']>[0] }
  | { kind: 'progress'; message: string; percent: number | null }
  | { kind: 'outcome'; outcome: StepOutcome }
  | { kind: 'thrown'; error: ErrorBody };
