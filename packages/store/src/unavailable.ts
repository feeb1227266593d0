/** Postgres' own codes for "not now": connection failures, shutting down, starting up, no room for connections, memory or files. */
const NOT_NOW = /^(?:08|57P0|53)/;
const NO_CONNECTION = /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT)$/;

/** Whether an error means that the database cannot be reached now: the same call may succeed later. */
export function isUnavailable(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return (
    NOT_NOW.test(code) ||
    NO_CONNECTION.test(code) ||
    /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      thrown.message,
    )
  );
}
