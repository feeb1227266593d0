/** A JSON reply. A handler that wrote to `res` itself returns null. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}
