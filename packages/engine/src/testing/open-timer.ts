import { onTestFinished, vi } from 'vitest';

/** Fires the timers that are set for so long, which no others are: any time short enough to wait for is too short for a busy machine. */
export function openTimer(ms: number): { fire(): void } {
  const spy = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => spy.mockRestore());
  return {
    fire() {
      const set = spy.mock.calls.filter(([, delay]) => delay === ms);
      if (set.length === 0) throw new Error(`there is no timer of ${ms} ms`);
      for (const [fires] of set) (fires as () => void)();
    },
  };
}
