import { createContext, Script } from 'node:vm';
import { ModelError } from '../../model-error.ts';

/** Milliseconds of CPU, far more than any schema of use takes; all else of the process waits meanwhile. */
const MOST_MS = 1_000;
const CALL = new Script('work()');

/**
 * Does work with a caller's schema, whose patterns and branching references can take for ever, and references to themselves
 * the whole stack. A timer of `vm` is the one thing that ends a regular expression. What it ends is done again with twice the
 * time as long as the process got less CPU than it may take: on a busy machine no schema is to blame. Throws `bad_request`.
 */
export function createBoundedCheck(): <T>(work: () => T) => T {
  const context = createContext({});
  return (work) => {
    context.work = work;
    for (let timeout = MOST_MS; ; timeout *= 2) {
      const begun = process.cpuUsage();
      try {
        return CALL.runInContext(context, { timeout });
      } catch (error) {
        const { code, name } = error as NodeJS.ErrnoException;
        const ended = code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
        if (!ended && name !== 'RangeError') throw error;
        if (ended && cpuMsSince(begun) < MOST_MS) continue;
        throw new ModelError('bad_request', 'the output schema takes too long to check', { cause: error });
      }
    }
  };
}

function cpuMsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}
