/** How many steps a worker runs at once. */
export interface Places {
  /** Places that a job may take now: the last one may exceed the limit by a quarter, so that it is not torn apart. */
  room(): number;
  /** Places that steps released here may take; the `ended` ones that are being settled give theirs back. */
  roomAfter(ended: number): number;
  take(): void;
  give(): void;
  /** Resolves when a place is free, for as many waiters as there are free places, or when `release` was called. */
  untilFree(): Promise<void>;
  /** Lets every waiter go, now and from now on. */
  release(): void;
}

export function createPlaces(limit: number): Places {
  const most = Math.floor(limit * 1.25);
  const waiting: (() => void)[] = [];
  let taken = 0;
  let released = false;

  return {
    room: () => Math.max(0, taken < limit ? most - taken : 0),
    roomAfter: (ended) => Math.max(0, limit - taken + ended),
    take: () => {
      taken += 1;
    },
    give() {
      taken -= 1;
      for (const wake of waiting.splice(0, Math.max(0, limit - taken))) wake();
    },
    async untilFree() {
      if (released || taken < limit) return;
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    release() {
      released = true;
      for (const wake of waiting.splice(0)) wake();
    },
  };
}
