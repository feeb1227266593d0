import type { Response } from 'express';
import { atOnce } from './at-once.ts';

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
  const begin = atOnce(most, 'event streams, waits and uploads');
  return (res, { subject, isValid }) => {
    const end = begin(subject);
    const revoked = new AbortController();
    const look = setInterval(async () => {
      if (!(await isValid().catch(() => true))) revoked.abort();
    }, LOOK_MS);
    res.once('close', () => {
      clearInterval(look);
      end();
    });
    return revoked.signal;
  };
}
