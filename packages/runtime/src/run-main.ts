import { flushCompileCache } from 'node:module';
import { EXIT_STARTUP_ERROR, StartupError } from './startup-error.ts';

/**
 * What a `main.ts` hands its composition to. A StartupError is printed by its message alone and ends the process with
 * a code that supervisors do not restart; anything else ends it with a stack and 1. It ends with its supervisor, too.
 */
export async function runMain(start: () => Promise<void>): Promise<void> {
  // A supervisor that dies meanwhile: nothing is under way that could be drained, and `onShutdown` hears only what comes later.
  const leave = () => process.exit(1);
  process.once('disconnect', leave);
  try {
    await start();
    process.off('disconnect', leave);
    // Node writes its compile cache at exit. A process that is killed has none, and the one in its place compiles all again.
    flushCompileCache();
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_STARTUP_ERROR);
  }
}
