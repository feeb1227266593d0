import { createContext, Script } from 'node:vm';
import { ModelError } from '../../model-error.ts';

/** Far more than any schema of use takes; all else of the process waits meanwhile. */
const MOST_MS = 1_000;
const CALL = new Script('work()');

/**
 * Does work with a caller's schema, whose patterns and branching references can take for ever, and references to themselves
 * the whole stack. A timer of `vm` is the one thing that ends a regular expression. Throws `bad_request` when it does.
 */
export function createBoundedCheck(): <T>(work: () => T) => T {
  const context = createContext({});
  return (work) => {
    try {
      context.work = work;
      return CALL.runInContext(context, { timeout: MOST_MS });
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      if (name !== 'RangeError' && code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new ModelError('bad_request', 'the output schema takes too long to check', { cause: error });
    }
  };
}
