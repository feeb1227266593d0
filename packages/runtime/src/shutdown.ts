import type { Logger } from './logger.ts';

export interface ShutdownStep {
  name: string;
  run(): Promise<unknown>;
}

/** One Ctrl-C can arrive twice: from the terminal to the whole process group, and forwarded by a parent. */
export const sameKeystrokeMs = 300;

/**
 * On SIGTERM, SIGINT or the death of the supervising parent runs the steps in order, each to its end or failure, and
 * exits with 0; with 1 when they took longer than `graceMs` together. A second signal exits at once.
 */
export function onShutdown(options: {
  steps: readonly ShutdownStep[];
  graceMs: number;
  log: Logger;
  /** Replaced in tests. */
  host?: Pick<NodeJS.Process, 'on' | 'exit' | 'channel'>;
}): void {
  const { steps, graceMs, log, host = process } = options;
  let startedAt: number | undefined;
  let current = '';

  const drain = async () => {
    const timer = setTimeout(() => {
      log.error({ step: current, grace_ms: graceMs }, 'the grace time is over: exiting with work unfinished');
      host.exit(1);
    }, graceMs);
    for (const step of steps) {
      current = step.name;
      try {
        await step.run();
      } catch (error) {
        log.error({ err: error, step: step.name }, 'a shutdown step failed');
      }
    }
    clearTimeout(timer);
    host.exit(0);
  };

  const begin = (reason: string) => {
    if (startedAt !== undefined) {
      if (Date.now() - startedAt > sameKeystrokeMs) host.exit(130);
      return;
    }
    startedAt = Date.now();
    log.info({ reason, grace_ms: graceMs }, 'shutting down');
    void drain();
  };
  host.on('SIGTERM', () => begin('SIGTERM'));
  host.on('SIGINT', () => begin('SIGINT'));
  if (host.channel) {
    host.on('disconnect', () => begin('the parent process is gone'));
    // The channel alone must not keep the process alive.
    host.channel.unref();
  }
}
