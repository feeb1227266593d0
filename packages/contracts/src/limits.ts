/** Hard limits of one run; each is refused with its own error code (see `error-codes.ts`). */
export const LIMITS = {
  /** Characters of a question. Planners read it at once. */
  question_chars: 20_000,
  /** Steps in one plan (one attempt). */
  steps_per_plan: 200,
  /** Serialised arguments of one step, in bytes. */
  args_bytes: 256 * 1024,
  /** Serialised JSON Schema of a model's output, in bytes. */
  schema_bytes: 256 * 1024,
  /** Serialised result of one step, in bytes. */
  result_bytes: 10 * 1024 * 1024,
  /** Results of all steps of a run together, in bytes. */
  run_bytes: 64 * 1024 * 1024,
  /** A result over this size goes to Postgres; Redis carries a reference to it. */
  inline_result_bytes: 64 * 1024,
  /** Values in the JSON of a request: what is large is text or pictures, each of them one value. */
  body_values: 50_000,
  /** The same of a request for embeddings, whose tokens may be values. */
  embedding_values: 400_000,
  /** Steps on the longest dependency chain. */
  graph_depth: 50,
  /** Nesting of arguments and results. */
  json_depth: 50,
  /** Attempts of one run, restarts after a crash included. */
  attempts: 8,
} as const;

/** The longest time that a tool or a plan may give one try of a step, in milliseconds. */
export const LONGEST_STEP_MS = 3_600_000;

/** Node's timers hold no longer time: a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
