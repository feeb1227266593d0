import type { IncomingMessage } from 'node:http';
import { PlanyardError } from '@planyard/contracts';

/** What becomes of a request whose body does not come in time. */
export function slowBody(): PlanyardError {
  return new PlanyardError('request_timeout');
}

/** Of a request that is answered the rest of the body may take so long: nobody reads it, and it would hold its connection. */
export function endUnread(req: IncomingMessage, ms: number): void {
  if (req.complete || req.socket.destroyed) return;
  setTimeout(() => {
    if (!req.complete) req.socket.destroy();
  }, ms).unref();
}
