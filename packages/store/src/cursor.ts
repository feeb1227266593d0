import { PlanyardError, Timestamp } from '@planyard/contracts';
import { z } from 'zod';

/** An opaque place in a list: the sort key of the last row shown. */
function encodeCursor(key: (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The sort key in a cursor that `encodeCursor` made; throws `invalid_request` for anything else. */
export function decodeCursor<T extends z.ZodType>(cursor: string, key: T): z.infer<T> {
  try {
    return key.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    const errors = [{ path: 'cursor', message: 'not a cursor of this list' }];
    throw new PlanyardError('invalid_request', 'The cursor is not one that this list gave.', {
      cause,
      errors,
    });
  }
}

export const TimeAndId = z.tuple([Timestamp, z.string().regex(/^[\w-]{1,100}$/)]);
export const Position = z.tuple([
  z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
]);

/** Cuts rows read with `limit + 1` into a page. */
export function toPage<Row, T>(
  rows: Row[],
  limit: number,
  show: (row: Row) => T,
  keyOf: (row: Row) => (string | number | null)[],
): { data: T[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(show),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}
