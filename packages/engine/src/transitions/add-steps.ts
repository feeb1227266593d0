import {
  type AdmittedStep,
  type ErrorCode,
  jsonDepth,
  LIMITS,
  PlanyardError,
  toolQueue,
} from '@planyard/contracts';
import { type EngineContext, stale, transition } from '../context.ts';
import { type HeldPhase, nextWrite, type Sealing, sealArgs } from './phases.ts';

/**
 * Adds steps to the graph of an attempt while the run executes; those that wait for nothing start at once.
 * All or none: a refused batch changes nothing. Throws `plan_too_large`, `plan_too_deep`, `duplicate_step`,
 * `unknown_step`, `args_too_large`, `too_deep`, `budget_exceeded`, or `stale` when the attempt is not this planner's any more.
 */
export async function addSteps(
  context: EngineContext,
  held: HeldPhase,
  steps: AdmittedStep[],
  /** Of several attempts of another run: the plan is sealed in the same write. */
  sealing?: Sealing,
): Promise<void> {
  if (steps.length === 0 && !sealing) return;
  const reply = await transition(context, context.workerRedis, 'add-steps', held, [
    held.epoch,
    nextWrite(held),
    sealing ? LIMITS.steps_per_plan * LIMITS.attempts : LIMITS.steps_per_plan,
    LIMITS.graph_depth,
    JSON.stringify(steps.map(toRecord)),
    ...(sealing ? sealArgs(sealing) : []),
  ]);
  const [step, dependency] = reply.extra;
  switch (reply.status) {
    case 'added':
      return;
    case 'stale':
      throw stale();
    default:
      throw new PlanyardError(
        reply.status as ErrorCode,
        REFUSALS[reply.status]?.(step ?? '', dependency ?? ''),
        {
          errors: [{ path: `steps.${step}`, message: reply.status, code: reply.status }],
        },
      );
  }
}

const REFUSALS: Record<string, (step: string, dependency: string) => string> = {
  plan_too_large: () => `A plan has at most ${LIMITS.steps_per_plan} steps`,
  plan_too_deep: (step) => `Step "${step}" is more than ${LIMITS.graph_depth} steps deep`,
  duplicate_step: (step) => `There is a step "${step}" already`,
  unknown_step: (step, dependency) => `Step "${step}" refers to "${dependency}", which is no earlier step`,
  budget_exceeded: (step) => `Step "${step}" is beyond the budget of steps`,
};

/** What the script reads; the step itself travels as text, so that Lua does not touch its JSON. */
function toRecord(step: AdmittedStep) {
  if (
    jsonDepth(step.spec.args) > LIMITS.json_depth ||
    jsonDepth(step.spec.fallback?.args) > LIMITS.json_depth
  )
    throw new PlanyardError('too_deep', `The arguments of step "${step.id}" are nested too deeply`);
  if (Buffer.byteLength(JSON.stringify(step.spec)) > LIMITS.args_bytes)
    throw new PlanyardError(
      'args_too_large',
      `The arguments of step "${step.id}" are over ${LIMITS.args_bytes} bytes`,
    );
  const data = new Set(step.data_deps);
  const after = new Set(step.after_deps.filter((id) => !data.has(id)));
  const optional = new Set(step.optional_deps);
  return {
    id: step.id,
    def: JSON.stringify(step),
    tool: step.spec.tool,
    queue: toolQueue(step.dispatch.class),
    cap: step.dispatch.max_in_flight?.toString() ?? '',
    policy: step.spec.on_error,
    deps: [
      ...[...data].map((id) => ['d', id]),
      ...[...after].map((id) => [optional.has(id) ? 'o' : 'a', id]),
    ],
    added: JSON.stringify({
      step: step.id,
      tool: step.spec.tool,
      purpose: step.spec.purpose,
      depends_on: [...data, ...after],
    }),
  };
}
