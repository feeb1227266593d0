import { PlanyardError } from '@planyard/contracts';
import type { Response } from 'express';

/** Begins a request that lasts. The signal aborts when its key is no longer valid. Throws `rate_limited` for one too many of its user. */
export type BeginLasting = (
  res: Response,
  /** Whose it is, and whether their key is valid; one that cannot be asked says nothing. */
  of: { subject: string; isValid: () => Promise<boolean> },
) => AbortSignal;

/** How long a key may be revoked before what it has open ends. */
const LOOK_MS = 3_000;

/** Requests that last, such as event streams: so many of a user at once, since each looks into Redis every second. */
export function lastingRequests(most: number): BeginLasting {
  const open = new Map<string, number>();
  return (res, { subject, isValid }) => {
    const before = open.get(subject) ?? 0;
    if (before >= most)
      throw new PlanyardError(
        'rate_limited',
        `${most} event streams, waits and uploads at once are allowed`,
        {
          retryAfter: 5,
        },
      );
    open.set(subject, before + 1);
    const revoked = new AbortController();
    const look = setInterval(async () => {
      if (!(await isValid().catch(() => true))) revoked.abort();
    }, LOOK_MS);
    res.once('close', () => {
      clearInterval(look);
      const left = (open.get(subject) ?? 1) - 1;
      if (left > 0) open.set(subject, left);
      else open.delete(subject);
    });
    return revoked.signal;
  };
}
