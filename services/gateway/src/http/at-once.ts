import { PlanyardError } from '@planyard/contracts';

/** Begins one more of a user and gives what ends it. Throws `rate_limited` for one too many. */
export type BeginOne = (subject: string) => () => void;

/** So many of a user at once. `what` they are is told to who has one too many. */
export function atOnce(most: number, what: string): BeginOne {
  const open = new Map<string, number>();
  return (subject) => {
    const before = open.get(subject) ?? 0;
    if (before >= most)
      throw new PlanyardError('rate_limited', `${most} ${what} at once are allowed`, { retryAfter: 5 });
    open.set(subject, before + 1);
    return () => {
      const left = (open.get(subject) ?? 1) - 1;
      if (left > 0) open.set(subject, left);
      else open.delete(subject);
    };
  };
}
