const socketCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EPIPE',
  'ENOENT',
];

/** Classes of SQLSTATE (PostgreSQL, appendix A): connection exception, insufficient resources, operator intervention. */
const sqlClasses = ['08', '53', '57'];

/** Whether Postgres could not be reached or could not serve, in contrast to a statement that is wrong. */
export function isDatabaseAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (thrown instanceof AggregateError) return thrown.errors.some(isDatabaseAway);
  const { code, syscall } = thrown as { code?: unknown; syscall?: unknown };
  if (typeof code === 'string') {
    if (/^[0-9A-Z]{5}$/.test(code) && sqlClasses.includes(code.slice(0, 2))) return true;
    return syscall !== undefined && socketCodes.includes(code);
  }
  // node-postgres gives these no code.
  return /connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/i.test(
    thrown.message,
  );
}
