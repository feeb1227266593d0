import { type Page, PlanyardError } from '@planyard/contracts';

/** A page of a list that is whole in memory; the cursor is the position of the next page. */
export function pageOfArray<T>(
  all: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Page<T> {
  const from = cursor === undefined ? 0 : positionOf(cursor);
  const next = from + limit;
  return {
    data: all.slice(from, next),
    next_cursor: next < all.length ? Buffer.from(`at:${next}`).toString('base64url') : null,
  };
}

function positionOf(cursor: string): number {
  const match = /^at:([0-9]{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (match) return Number(match[1]);
  const errors = [{ path: 'query.cursor', message: 'not a cursor of this list' }];
  throw new PlanyardError('invalid_request', 'The cursor is not one that this list gave', { errors });
}
