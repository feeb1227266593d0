import { randomUUID } from 'node:crypto';
import { RequestId } from '@planyard/contracts';

/** The caller's X-Request-ID where it is one we can log and store as it is, else a new one. */
export function requestIdOf(header: string | undefined): string {
  const given = header === undefined ? null : RequestId.safeParse(header);
  return given?.success ? given.data : `req_${randomUUID()}`;
}
