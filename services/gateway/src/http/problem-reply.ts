import { ERROR_CODES, PlanyardError, type Problem, toPlanyardError } from '@planyard/contracts';
import type { Response } from 'express';
import { isDatabaseAway } from './database-away.ts';

/** Any thrown value as the error its caller sees: what is not ours says nothing of its inside. */
export function errorAtTheDoor(thrown: unknown): PlanyardError {
  if (thrown instanceof PlanyardError) return thrown;
  const status = statusOf(thrown);
  if (status === 413) return new PlanyardError('payload_too_large', undefined, { cause: thrown });
  if (status === 415) return new PlanyardError('unsupported_media_type', undefined, { cause: thrown });
  if (status !== undefined && status >= 400 && status < 500)
    return new PlanyardError('invalid_request', 'The request cannot be read', { cause: thrown });
  if (isDatabaseAway(thrown))
    return new PlanyardError('unavailable', 'Postgres is not to be reached', {
      cause: thrown,
      retryAfter: 2,
    });
  return toPlanyardError(thrown);
}

/** RFC 9457 problem details of an error. */
export function problemOf(error: PlanyardError, requestId: string, instance?: string): Problem {
  const info = ERROR_CODES[error.code];
  return {
    type: `/docs/errors#${error.code}`,
    title: info.title,
    status: info.status,
    code: error.code,
    ...(error.message === info.title ? {} : { detail: error.message }),
    advice: info.advice,
    ...(instance === undefined ? {} : { instance }),
    request_id: requestId,
    ...(error.errors ? { errors: error.errors } : {}),
  };
}

/** Seconds for Retry-After: what the error says, else one where a retry can help at all. */
export function retryAfterOf(error: PlanyardError): number | undefined {
  if (error.retryAfter !== undefined) return Math.max(1, Math.ceil(error.retryAfter));
  const { status } = ERROR_CODES[error.code];
  return status === 429 || status === 503 ? 1 : undefined;
}

/** Answers with problem details; once a body has begun, all that is left is to end the connection. */
export function sendProblem(res: Response, error: PlanyardError, requestId: string, path?: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const retryAfter = retryAfterOf(error);
  if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter));
  if (error.code === 'request_timeout') res.set('Connection', 'close');
  if (error.code === 'unauthorized' && !res.hasHeader('WWW-Authenticate'))
    res.set('WWW-Authenticate', 'Bearer realm="planyard"');
  res
    .status(error.status)
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(error, requestId, path)));
}

function statusOf(thrown: unknown): number | undefined {
  const status = (thrown as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : undefined;
}
