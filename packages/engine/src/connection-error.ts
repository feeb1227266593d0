/**
 * Whether a connection could not be made or was lost. Whoever gives the engine its connections hears of that, once an
 * outage; each of the dozen that are made of them would tell of it at every try.
 */
export function isConnectionError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^E[A-Z_]+$/.test(String(error.code));
}
