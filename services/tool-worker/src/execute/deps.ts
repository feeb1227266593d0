import type { Engine } from '@planyard/engine';
import type { Logger, SharedCache } from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import type { GuardCall } from '../figures/guard-calls.ts';
import type { Tools } from '../registry/worker-tool.ts';

/** What running a step needs from outside. */
export interface RunStepDeps {
  tools: Tools;
  db: Executor;
  engine: Pick<Engine, 'findSettled' | 'readStep'>;
  /** null: nothing is shared with other processes. */
  cache: SharedCache | null;
  /** false: results are shared with equal calls in flight, and not kept. */
  keepResults: boolean;
  log: Logger;
  now: () => Date;
  /** How long a step waits for a person. */
  approvalMs: number;
  /** Refuses tools that keep failing, and measures the others. */
  guard: GuardCall;
  observe: { cache(tool: string, outcome: 'hit' | 'miss' | 'joined'): void };
}
