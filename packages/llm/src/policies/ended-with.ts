/**
 * A signal of one's own that ends with the caller's, too. `AbortSignal.any` does the same by weak references, and what hangs on
 * one outlives every small collection: the heap grows with each call until the next full one. `unlink` when it is over.
 */
export function endedWith(caller: AbortSignal): {
  signal: AbortSignal;
  end(reason: Error): void;
  unlink(): void;
} {
  const own = new AbortController();
  const follow = () => own.abort(caller.reason);
  if (caller.aborted) follow();
  else caller.addEventListener('abort', follow);
  return {
    signal: own.signal,
    end: (reason) => own.abort(reason),
    unlink: () => caller.removeEventListener('abort', follow),
  };
}
