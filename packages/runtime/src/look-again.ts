const SETTLE_MS = 150;
/** Some file systems tell of no change: it is looked for as well. */
const LOOK_EVERY_MS = 15_000;

export interface LookAgain {
  /** Looks when nothing has called for it for a moment: what is written in pieces is read once. */
  soon(): void;
  close(): void;
}

/** Calls `look` when it is called for and every 15 s, one after the other: an older look is never told after a newer one. */
export function lookAgain(look: () => Promise<void>): LookAgain {
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();
  const next = () => {
    looking = looking.then(look);
  };
  const again = setInterval(next, LOOK_EVERY_MS).unref();
  return {
    soon() {
      clearTimeout(timer);
      timer = setTimeout(next, SETTLE_MS).unref();
    },
    close() {
      clearTimeout(timer);
      clearInterval(again);
    },
  };
}
