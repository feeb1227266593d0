import type { Phase } from '@planyard/engine';
import type { PlannerDeps } from './deps.ts';

/** What is kept of earlier runs only helps this one: where it cannot be read or written, the run goes on without. null then. */
export async function fromMemory<T>(
  { signal }: Pick<Phase, 'signal'>,
  { log }: Pick<PlannerDeps, 'log'>,
  what: string,
  asked: () => Promise<T>,
): Promise<T | null> {
  try {
    return await asked();
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error }, `${what}: the run goes on without`);
    return null;
  }
}
