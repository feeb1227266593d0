import type { Engine } from '@planyard/engine';
import type { Logger, SharedCache } from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import type { Tools } from '../registry/worker-tool.ts';

/** What running a step needs from outside. */
export interface RunStepDeps {
  tools: Tools;
  db: Executor;
  engine: Pick<Engine, 'findAdoptable'>;
  /** null: results are not cached. */
  cache: SharedCache | null;
  log: Logger;
  now: () => Date;
  /** How long a step waits for a person. */
  approvalMs: number;
  observe: { cache(tool: string, outcome: 'hit' | 'miss' | 'joined'): void };
}
