import type { Logger } from './logger.ts';

/** Work that is done again and again. */
export interface Loop {
  /** Waits for a pass under way. */
  stop(): Promise<void>;
}

/** Does `work` at once and then `everyMs` after it has ended, until stopped. A pass that fails is logged once until one succeeds. */
export function repeat(name: string, everyMs: number, log: Logger, work: () => Promise<unknown>): Loop {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failing = false;

  async function pass(): Promise<void> {
    try {
      await work();
      if (failing) log.info({ loop: name }, 'works again');
      failing = false;
    } catch (error) {
      if (!failing) log.error({ err: error, loop: name }, 'failed; it is tried again');
      failing = true;
    }
    if (!stopped)
      timer = setTimeout(() => {
        running = pass();
      }, everyMs);
  }

  let running = pass();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
