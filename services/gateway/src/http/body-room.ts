import type { ServerResponse } from 'node:http';
import { PlanyardError } from '@planyard/contracts';

/** Takes room for so many bytes of a request's body more, or gives back what is less. Throws `rate_limited` where its user has none left. */
export type TakeRoom = (bytes: number) => void;

/** Begins a body; what it takes is free again when its request is over. */
export type BeginBody = (res: ServerResponse, subject: string) => TakeRoom;

/** A dozen of the largest bodies, or hundreds with a picture. */
const USUAL = 256 * 1024 * 1024;

/** What the bodies of a user's requests may take of memory at once, in each gateway: each may have 20 MiB, and a minute to come. */
export function bodyRoom(most = USUAL): BeginBody {
  const taken = new Map<string, number>();
  return (res, subject) => {
    let own = 0;
    let over = false;
    res.once('close', () => {
      over = true;
      const left = (taken.get(subject) ?? 0) - own;
      if (left > 0) taken.set(subject, left);
      else taken.delete(subject);
    });
    return (bytes) => {
      // Nobody would give it back.
      if (over) return;
      const all = (taken.get(subject) ?? 0) + bytes;
      if (all > most)
        throw new PlanyardError(
          'rate_limited',
          `bodies of ${Math.round(most / 1024 / 1024)} MiB together may be under way`,
          { retryAfter: 1 },
        );
      taken.set(subject, all);
      own += bytes;
    };
  };
}
