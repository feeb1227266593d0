/** How many steps a worker runs at once. Places are taken before a step is asked for: meanwhile others ask, too. */
export interface Places {
  /** Takes places for the steps of a job, and tells how many: the last job may exceed the limit by a quarter, so that it is not torn apart. */
  take(wanted: number): number;
  /** The same for what `ended` steps may release that are being settled: until `settled`, their places count as free. Within the limit. */
  takeAfter(ended: number, wanted: number): number;
  /** Gives those back that nothing was begun in. */
  settled(ended: number, taken: number, begun: number): void;
  give(count: number): void;
  /** Resolves when a place is free, for as many waiters as there are free places, or when `release` was called; for all when nothing runs, since not each finds a job. */
  untilFree(): Promise<void>;
  /** Resolves when nothing runs, or when `release` was called. */
  untilIdle(): Promise<void>;
  /** Nothing runs. */
  isIdle(): boolean;
  /** Lets every waiter go, now and from now on. */
  release(): void;
}

export function createPlaces(limit: number): Places {
  const most = Math.floor(limit * 1.25);
  const waiting: (() => void)[] = [];
  const idle: (() => void)[] = [];
  let taken = 0;
  let leaving = 0;
  /** Of those taken: for what may be released. Jobs go by what runs, or many would find no place for nothing. */
  let spare = 0;
  let released = false;

  const takeOf = (room: number, wanted: number) => {
    const count = Math.max(0, Math.min(room, wanted));
    taken += count;
    return count;
  };

  function give(count: number): void {
    taken -= count;
    const woken =
      taken === 0 ? [waiting.splice(0), idle.splice(0)] : [waiting.splice(0, Math.max(0, limit - taken))];
    for (const wake of woken.flat()) wake();
  }

  return {
    take: (wanted) => takeOf(taken - spare < limit ? most - taken : 0, wanted),
    takeAfter(ended, wanted) {
      const free = limit - taken + leaving;
      leaving += ended;
      // Most of it is given back soon: half of what is free stays for jobs and other steps that end.
      const count = takeOf(ended + (free > 0 ? Math.floor(free / 2) : free), wanted);
      spare += count;
      return count;
    },
    settled(ended, count, begun) {
      leaving -= ended;
      spare -= count;
      give(count - begun);
    },
    give,
    async untilFree() {
      if (released || taken < limit) return;
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async untilIdle() {
      if (released || taken === 0) return;
      await new Promise<void>((resolve) => idle.push(resolve));
    },
    isIdle: () => taken === 0,
    release() {
      released = true;
      for (const wake of [...waiting.splice(0), ...idle.splice(0)]) wake();
    },
  };
}
