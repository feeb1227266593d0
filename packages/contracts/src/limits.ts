/** Hard limits of one run; each is refused with its own error code (see `error-codes.ts`). */
export const LIMITS = {
  /** Steps in one plan (one attempt). */
  steps_per_plan: 200,
  /** Serialised arguments of one step, in bytes. */
  args_bytes: 256 * 1024,
  /** Serialised result of one step, in bytes. */
  result_bytes: 10 * 1024 * 1024,
  /** Results of all steps of a run together, in bytes. */
  run_bytes: 64 * 1024 * 1024,
  /** A result over this size goes to Postgres; Redis carries a reference to it. */
  inline_result_bytes: 64 * 1024,
  /** Steps on the longest dependency chain. */
  graph_depth: 50,
  /** Nesting of arguments and results. */
  json_depth: 50,
  /** Attempts of one run, restarts after a crash included. */
  attempts: 8,
} as const;
