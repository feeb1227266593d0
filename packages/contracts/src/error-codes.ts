/** What a code means to a caller (`status`, `title`, `advice`) and to a queue (`retryable`: the same call may succeed later). */
export interface ErrorInfo {
  /** HTTP status of a problem reply with this code. */
  status: number;
  retryable: boolean;
  title: string;
  /** What the reader should do. */
  advice: string;
}

/** Every stable error code. `docs/errors.md` lists the same codes, and a test holds it to that. */
export const ERROR_CODES = {
  // At the door
  invalid_request: e(400, false, 'The request is not valid', 'Correct the fields named in `errors`.'),
  malformed_json: e(400, false, 'The body is not JSON', 'Send a JSON body; `detail` names line and column.'),
  unauthorized: e(
    401,
    false,
    'No valid API key',
    'Send `Authorization: Bearer <key>`; make a key with `planyard keys create`.',
  ),
  forbidden: e(403, false, 'The key lacks a scope', 'Use a key with the scope named in `detail`.'),
  not_found: e(404, false, 'There is no such thing here', 'Check the id; a key only sees its own tenant.'),
  unknown_path: e(404, false, 'There is no such path', '`/docs` lists what there is.'),
  method_not_allowed: e(
    405,
    false,
    'This path has no such method',
    'Use a method named in the Allow header.',
  ),
  conflict: e(409, false, 'The state does not allow this', 'Read the current state and decide again.'),
  too_many_schedules: e(
    409,
    false,
    'You have as many schedules as are allowed',
    'Delete one that is not needed, or raise PLANYARD_SCHEDULES_PER_USER.',
  ),
  idempotency_mismatch: e(
    422,
    false,
    'The idempotency key was used for another body',
    'Use a new Idempotency-Key for a new request.',
  ),
  request_timeout: e(
    408,
    true,
    'The body did not come in time',
    'Send the body at once; an upload may take long, but not pause.',
  ),
  payload_too_large: e(
    413,
    false,
    'The body is too large',
    'Send less, or import files with `POST /v1/imports`.',
  ),
  unsupported_media_type: e(
    415,
    false,
    'The content type is not understood',
    'Send `application/json`, or the type that `detail` names.',
  ),
  rate_limited: e(429, true, 'Too many requests', 'Wait for the seconds in Retry-After.'),
  overloaded: e(503, true, 'Too many runs are open', 'Wait for the seconds in Retry-After, or add workers.'),
  unavailable: e(
    503,
    true,
    'Something this needs is down',
    'Retry later; `/readyz` names the dependency that is down.',
  ),
  internal: e(500, false, 'Something failed inside Planyard', 'Look for the request id in the logs.'),
  // Plans
  plan_too_large: e(400, false, 'The plan has too many steps', 'Plan at most 200 steps in an attempt.'),
  plan_too_deep: e(400, false, 'The plan is too deep', 'Chain at most 50 steps after one another.'),
  duplicate_step: e(400, false, 'Two steps have the same id', 'Give each step of a plan its own id.'),
  unknown_step: e(
    400,
    false,
    'A reference points at no step',
    'Refer to a step that comes earlier in the plan.',
  ),
  plan_cycle: e(400, false, 'The plan has a cycle', 'Refer only to steps that do not depend on this one.'),
  invalid_step: e(400, false, 'A step of the plan is malformed', 'Correct the field that is named.'),
  repeated_call: e(
    400,
    false,
    'The same call has failed before in this run',
    'Plan another tool or other arguments.',
  ),
  unknown_tool: e(
    400,
    false,
    'No such tool is on offer',
    'Use a tool from `planyard tools list`; a tool without a live worker is not offered.',
  ),
  invalid_reference: e(
    400,
    false,
    'A reference is malformed',
    'Write `{"$from": "step", "path": "JMESPath"}` or `${step.path}`.',
  ),
  args_too_large: e(
    400,
    false,
    'The arguments are too large',
    'Keep the arguments of a step under 256 KiB; pass data by reference.',
  ),
  too_deep: e(400, false, 'The value is nested too deeply', 'Nest at most 50 levels.'),
  // Steps
  null_reference: e(
    422,
    false,
    'A reference yields null',
    'Check the path against the result of the step it names.',
  ),
  null_dependency: e(
    422,
    false,
    'A required argument comes from a step without a result',
    'Make the argument optional, or give the earlier step a fallback.',
  ),
  invalid_args: e(
    422,
    false,
    'The arguments do not fit the tool',
    'Correct the arguments named in `errors`.',
  ),
  invalid_output: e(502, false, 'The tool returned what its schema does not allow', 'Correct the tool.'),
  tool_failed: e(502, false, 'The tool failed', 'Read `detail`.'),
  tool_unavailable: e(503, true, 'The tool cannot do this now', 'Retry later.'),
  tool_breaker_open: e(
    503,
    false,
    'The tool has failed too often and rests',
    'Use another tool, or ask again in a minute: one call then tries it.',
  ),
  timeout: e(504, true, 'It took too long', 'Raise `timeout_ms` or the budget, or ask for less.'),
  result_too_large: e(
    413,
    false,
    'The result is too large',
    'Ask for fewer rows or fields: a result may have 10 MiB.',
  ),
  run_too_large: e(
    413,
    false,
    'The results of this run are too large together',
    'Ask for less: a run may hold 64 MiB of results.',
  ),
  outcome_unknown: e(
    500,
    false,
    'The call of this tool was cut off, and its effect is unknown',
    'Check the other system, then ask again.',
  ),
  step_poisoned: e(
    500,
    false,
    'This step kills its worker',
    'Look at the worker logs of this step; it is not tried again.',
  ),
  rejected: e(403, false, 'A person rejected this step', 'Ask whoever rejected it.'),
  approval_expired: e(408, false, 'Nobody approved this step in time', 'Ask again, and approve sooner.'),
  aborted: e(409, false, 'It was stopped', 'Read `reason`.'),
  // Runs
  budget_exceeded: e(402, false, 'The budget is used up', 'Raise the budget, or ask for less.'),
  deadline_exceeded: e(504, false, 'The deadline has passed', 'Give more time.'),
  no_evidence: e(502, false, 'No step gave a result', 'Read the errors of the steps.'),
  not_understood: e(
    422,
    false,
    'The rules did not understand the question',
    'Use one of the examples in `detail`, or connect a model.',
  ),
  attempts_exhausted: e(500, false, 'The run was planned too often', 'Read the errors of its attempts.'),
  stale: e(409, false, 'Another worker has taken this over', 'Nothing: the newer owner goes on.'),
  run_closed: e(409, false, 'The run has ended', 'Start a new run.'),
  // Models
  model_failed: e(
    502,
    true,
    'The model provider failed',
    'Retry later; `planyard doctor` checks the provider.',
  ),
  model_refused: e(
    502,
    false,
    'The model provider refused the call',
    'Read `detail`: a wrong key, model or parameter.',
  ),
  model_unavailable: e(
    503,
    true,
    'The model provider is not to be reached',
    'Check the base URL and the network; `planyard doctor` checks both.',
  ),
  model_unpriced: e(
    422,
    false,
    'The model has no known price',
    'Give it a price in planyard.yaml, or ask a model that has one: a budget in USD cannot be kept without.',
  ),
  unknown_model: e(
    404,
    false,
    'No such model or route',
    'Use a route or `provider/model` that `GET /v1/models` lists.',
  ),
  answer_restarted: e(
    502,
    true,
    'The answer began anew after parts of it were sent',
    'Ask again, or follow the run by its events, which can say that earlier parts no longer count.',
  ),
  model_bad_reply: e(502, true, 'The model gave no usable reply', 'Retry, or use a stronger model.'),
  // Set-up and imports
  invalid_config: e(500, false, 'The configuration is not valid', 'Correct the settings that are listed.'),
  prompt_error: e(
    422,
    false,
    'A prompt could not be rendered',
    'Correct the prompt file, or the variable named in `detail`.',
  ),
  import_failed: e(
    422,
    false,
    'The file was not loaded',
    'Correct the rows named in `errors`; nothing of that file was loaded.',
  ),
  storage_full: e(503, true, 'Redis cannot take more', 'Give Redis more memory or disk.'),
} as const satisfies Record<string, ErrorInfo>;

export type ErrorCode = keyof typeof ERROR_CODES;

function e(status: number, retryable: boolean, title: string, advice: string): ErrorInfo {
  return { status, retryable, title, advice };
}
