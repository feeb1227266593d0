import { createContext, Script } from 'node:vm';

const CALL = new Script('work()');

/** The work takes more time, or more stack, than it may. */
export class TooLong extends Error {
  override name = 'TooLong';
}

/**
 * Does work with a caller's schema, whose patterns and branching references can take for ever, and references to themselves
 * the whole stack. A timer of `vm` is the one thing that ends a regular expression. What it ends is done again with twice the
 * time as long as the thread got less than half of `mostMs` of CPU: on a busy machine no schema is to blame. Throws `TooLong`.
 */
export function createBoundedCheck(mostMs: number): <T>(work: () => T) => T {
  const context = createContext({});
  return (work) => {
    context.work = work;
    for (let timeout = mostMs; ; timeout *= 2) {
      const begun = process.threadCpuUsage();
      try {
        return CALL.runInContext(context, { timeout });
      } catch (error) {
        const { code, name } = error as NodeJS.ErrnoException;
        const ended = code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
        if (!ended && name !== 'RangeError') throw error;
        if (ended && cpuMsSince(begun) < mostMs / 2) continue;
        throw new TooLong('it takes too long', { cause: error });
      }
    }
  };
}

/** Milliseconds of CPU that this thread got. */
export function cpuMsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1000;
}
