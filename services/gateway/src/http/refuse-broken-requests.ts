import type { Server } from 'node:http';
import { PlanyardError } from '@planyard/contracts';
import { problemOf } from './problem-reply.ts';
import { requestIdOf } from './request-id.ts';

/** Answers what is not HTTP, or has headers over the limit, with problem details as well; no handler ever sees it. */
export function refuseBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const large = error.code === 'HPE_HEADER_OVERFLOW';
    const detail = large ? 'The headers are too large' : 'This is not a valid HTTP request';
    const requestId = requestIdOf(undefined);
    const body = JSON.stringify(problemOf(new PlanyardError('invalid_request', detail), requestId));
    socket.end(
      [
        `HTTP/1.1 400 Bad Request`,
        'Content-Type: application/problem+json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        `X-Request-ID: ${requestId}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  });
}
