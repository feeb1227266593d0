import type {
  AdmittedStep,
  Json,
  RunEvent,
  RunId,
  RunStatus,
  StepApproval,
  StepId,
} from '@planyard/contracts';
import { OPEN_STATUSES, PlanyardError, TERMINAL_STATUSES } from '@planyard/contracts';
import { type EngineContext, toEngineError } from './context.ts';
import type { Connection } from './lua-script.ts';
import type { RunRef, RunState, StepState } from './run-state.ts';
import { usageByModel } from './usage-by-model.ts';

/** Plans of a run at most, where neither the caller nor the agent says. */
const MAX_ATTEMPTS = 3;

/** The run's life that Redis holds; null when it holds none. */
export async function findRun(context: EngineContext, runId: RunId): Promise<RunRef | null> {
  const incarnation = await context.redis.get(context.keys.pointer(runId)).catch(rethrow);
  return incarnation === null ? null : { run_id: runId, incarnation: Number(incarnation) };
}

export async function readRun(
  context: EngineContext,
  run: RunRef,
  redis: Connection = context.redis,
): Promise<RunState | null> {
  const fields = await redis.hgetall(context.keys.meta(run)).catch(rethrow);
  return fields.status === undefined ? null : toRunState(run, fields);
}

/** null when Redis does not hold the run. */
export async function readStatus(context: EngineContext, run: RunRef): Promise<RunStatus | null> {
  return (await context.redis.hget(context.keys.meta(run), 'status').catch(rethrow)) as RunStatus | null;
}

/** Whether Redis holds this life of the run or a later one. What cannot be read is held, and told; a state of another type is taken away, as nobody can go on with it. */
export async function isHeld(context: EngineContext, { run_id, incarnation }: RunRef): Promise<boolean> {
  let life: RunRef | null = null;
  try {
    life = await findRun(context, run_id);
    return life !== null && life.incarnation >= incarnation && (await readStatus(context, life)) !== null;
  } catch (error) {
    if (!(error instanceof PlanyardError) || error.code !== 'internal') throw error;
    if (life && String(error.cause).includes('WRONGTYPE')) {
      context.log.warn({ err: error, run_id }, 'the state of an open run is none; it is rebuilt');
      await context.redis.unlink(context.keys.meta(life)).catch(rethrow);
      return false;
    }
    context.log.error({ err: error, run_id }, 'an open run cannot be read');
    context.observe.repairFailed?.();
    return true;
  }
}

/** Steps in one reply at most: while a script runs Redis does nothing else. */
const STEPS_PAGE = 64;

/** All steps in the order in which they were added. */
export async function readSteps(
  context: EngineContext,
  run: RunRef,
  redis: Connection = context.redis,
): Promise<StepState[]> {
  const keys = [context.keys.ids(run), context.keys.steps(run)];
  const steps: StepState[] = [];
  for (let first = 0; ; first += STEPS_PAGE) {
    const range = [first, first + STEPS_PAGE - 1];
    const reply = await context.stepsScript(redis, keys, [...range, ...STEP_FIELDS]).catch(rethrow);
    const page = reply as (string | null)[][];
    for (const fields of page) {
      const step = toStepState(fields);
      if (step) steps.push(step);
    }
    if (page.length < STEPS_PAGE) return steps;
  }
}

export async function readStep(
  context: EngineContext,
  run: RunRef,
  id: StepId,
  redis: Connection = context.redis,
): Promise<StepState | null> {
  return toStepState(await redis.hmget(context.keys.step(run, id), ...STEP_FIELDS).catch(rethrow));
}

/** Events with a number above `after`; `limit` counts transitions, each of which may have told several. */
export async function readEvents(
  context: EngineContext,
  run: RunRef,
  after: number,
  limit: number,
  redis: Connection = context.redis,
): Promise<RunEvent[]> {
  const entries = await redis
    .xrange(context.keys.events(run), `${after + 1}-0`, '+', 'COUNT', limit)
    .catch(rethrow);
  return entries.flatMap(([id, fields]) => toEvents(id, fields)).filter(({ number }) => number > after);
}

/** See prelude/reply.lua. */
function toEvents(id: string, [, text = '']: string[]): RunEvent[] {
  const [time, ...lines] = text.split('\n');
  const at = new Date(Number(time)).toISOString();
  const first = Number.parseInt(id, 10) - lines.length + 1;
  return lines.map((line, index) => {
    const blank = line.indexOf(' ');
    const data = JSON.parse(line.slice(blank + 1));
    return { number: first + index, at, type: line.slice(0, blank), data } as RunEvent;
  });
}

function toRunState(run: RunRef, fields: Record<string, string>): RunState {
  const times: RunState['times'] = {};
  for (const status of [...OPEN_STATUSES, ...TERMINAL_STATUSES] as RunStatus[]) {
    const at = fields[`t:${status}`];
    if (at) times[status] = Number(at);
  }
  const record = JSON.parse(fields.record as string) as RunState['record'];
  return {
    ...run,
    record,
    status: fields.status as RunStatus,
    attempt: Number(fields.attempt),
    intent: fields.intent ?? '',
    sealed: fields.sealed === '1',
    attempts_before: Number(fields.attempts_before ?? 0),
    outcome: fields.outcome ? JSON.parse(fields.outcome) : null,
    ended_at: fields.ended_at ? Number(fields.ended_at) : null,
    planner: fields.planner || null,
    agent: fields.agent || record.request.agent,
    plan: fields.plan ? JSON.parse(fields.plan) : null,
    strategy: (fields.strategy || 'graph') as RunState['strategy'],
    limited: fields.budget !== undefined,
    budget: fields.budget ? JSON.parse(fields.budget) : record.request.budget,
    max_attempts: Number(fields.max_attempts || (record.request.options.max_attempts ?? MAX_ATTEMPTS)),
    steps_used: Number(fields.steps_used),
    cost_usd: Number(fields.cost_usd ?? 0),
    tokens: Number(fields.tokens ?? 0),
    times,
    last_event: Number(fields.seq),
    deadline_at: fields.deadline ? Number(fields.deadline) : null,
    paused_ms: Number(fields.paused_ms ?? 0),
    paused_at: fields.paused_at ? Number(fields.paused_at) : null,
    refused: fields.refused ? JSON.parse(fields.refused) : [],
    found: fields.found ? JSON.parse(fields.found) : [],
    context_plan: fields.context_plan ? JSON.parse(fields.context_plan) : null,
    note: fields.note || null,
    conclude: (fields.conclude || null) as RunState['conclude'],
  };
}

/** What readers need of a step's hash: by name it would be twice as much to take apart. */
const STEP_FIELDS = [
  'def',
  'status',
  'reason',
  'queued_at',
  'started_at',
  'ended_at',
  'epoch',
  'retries',
  'tool',
  'fallback_used',
  'bound_args',
  'result',
  'error',
  'cached',
  'cost_usd',
  'usage',
  'asked',
  'decision',
  'decided_at',
  'call_hash',
  'copied_from',
] as const;

function toStepState(values: (string | null)[]): StepState | null {
  const fields = Object.fromEntries(
    STEP_FIELDS.map((name, index) => [name, values[index] ?? undefined]),
  ) as Partial<Record<(typeof STEP_FIELDS)[number], string>>;
  if (fields.status === undefined) return null;
  const step: AdmittedStep = JSON.parse(fields.def as string);
  const json = <T = Json>(name: keyof typeof fields): T | null =>
    fields[name] ? (JSON.parse(fields[name]) as T) : null;
  const time = (name: keyof typeof fields) => (fields[name] ? Number(fields[name]) : null);
  return {
    id: step.id,
    attempt: Number.parseInt(step.id, 10),
    admitted: step,
    spec: step.spec,
    status: fields.status as StepState['status'],
    reason: (fields.reason || null) as StepState['reason'],
    depends_on: [...new Set([...step.data_deps, ...step.after_deps])],
    queued_at: time('queued_at'),
    started_at: time('started_at'),
    ended_at: time('ended_at'),
    begins: Number(fields.epoch ?? 0),
    retries: Number(fields.retries ?? 0),
    tool: fields.tool as StepState['tool'],
    fallback_used: fields.fallback_used === '1',
    bound_args: json('bound_args'),
    result: json('result'),
    // The error of a try that a later one mended is in the events.
    error: fields.status === 'failed' ? json('error') : null,
    cached: fields.cached === '1',
    cost_usd: Number(fields.cost_usd ?? 0),
    // A line of each try.
    models: usageByModel((fields.usage ?? '').split('\n').flatMap((line) => (line ? JSON.parse(line) : []))),
    approval: fields.asked
      ? {
          ...(JSON.parse(fields.asked) as Pick<StepApproval, 'effects' | 'expires_at' | 'call'>),
          ...(json<Pick<StepApproval, 'decision' | 'by' | 'comment' | 'edited'>>('decision') ?? UNDECIDED),
          at: fields.decided_at ? new Date(Number(fields.decided_at)).toISOString() : null,
        }
      : null,
    call_hash: fields.call_hash || null,
    copied_from: fields.copied_from || null,
  };
}

const UNDECIDED = { decision: null, by: null, comment: null, edited: false };

function rethrow(error: unknown): never {
  throw toEngineError(error);
}
