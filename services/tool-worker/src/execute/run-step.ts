import {
  type JsonObject,
  LIMITS,
  PlanyardError,
  type StoredResult,
  toPlanyardError,
} from '@planyard/contracts';
import { type BegunStep, bindStep, type StepContext, type StepOutcome } from '@planyard/engine';
import { isUnavailable, readResult } from '@planyard/store';
import type { WorkerTool } from '../registry/worker-tool.ts';
import { adoptResult } from './adopt-result.ts';
import { journalEntry, madeBefore, unknownOutcome } from './call-once.ts';
import { callTool } from './call-tool.ts';
import { type Call, checkInput } from './check-input.ts';
import type { RunStepDeps } from './deps.ts';
import { placeResult } from './place-result.ts';
import type { PreparedResult } from './prepare-result.ts';
import { shareCall } from './share-call.ts';
import { stepLog } from './step-log.ts';

/** Runs one step that this worker holds: everything between its begin and its settle. Rejects only when the step was taken away. */
export async function runStep(
  given: RunStepDeps,
  step: BegunStep,
  context: StepContext,
): Promise<StepOutcome> {
  const deps = { ...given, log: stepLog(given.log, step) };
  let bound: JsonObject | undefined;
  /** A call that may not happen twice has happened. */
  let happened = false;
  try {
    const tool = toolOf(deps, step);
    const binding = await bindStep(step, tool.manifest.input_schema, (from, epoch) =>
      readResult(deps.db, step.caller.tenant, { run_id: step.run_id, step_id: from, epoch }),
    );
    if (!binding.run) return { kind: 'skipped' };
    bound = binding.args;
    const call = checkInput(tool, bound);
    const told = { bound_args: shown(bound), call_hash: call.hash };
    context.bound(told);

    const adopted = await adoptResult(deps, step, call);
    if (adopted) return completed(call, adopted, { cached: true });

    if (tool.definition.needs_approval && step.frozen_args === null) return askApproval(deps, call);

    const { effects, idempotent } = tool.definition;
    const wrote = effects === 'write';
    const once = wrote && !idempotent;
    const entry = once ? journalEntry(deps, step, call.hash, context.signal) : undefined;
    const making = {
      async before() {
        if (wrote) context.bound({ ...told, wrote, once });
        await entry?.begin();
      },
      around: entry?.around ?? ((execute: () => Promise<PreparedResult>) => execute()),
    };
    const make = () =>
      deps.guard(step.tool, context.signal, () => callTool(deps, step, call, context, making));
    const { result, cached } = wrote
      ? { result: (once && (await madeBefore(deps, step, call.hash))) || (await make()), cached: false }
      : await shareCall(deps, step, call, context.signal, make);

    happened = once;
    context.bound({ ...told, wrote });
    return completed(call, await placeResult(deps, step, result), { cached });
  } catch (thrown) {
    if (context.signal.aborted && !isOutcomeUnknown(thrown)) throw context.signal.reason;
    const cause = errorOf(deps, thrown);
    // Whatever took its place would do it twice.
    const isFinal = !cause.retryable || step.try >= step.max_tries;
    const error = happened && isFinal ? unknownOutcome(step) : cause;
    return { kind: 'failed', error: error.toBody(), bound_args: bound && shown(bound) };
  }
}

function toolOf({ tools }: RunStepDeps, step: BegunStep): WorkerTool {
  const tool = tools.get(step.tool);
  // Another worker of the same queue may be newer and have it.
  if (!tool) throw new PlanyardError('tool_unavailable', `This worker has no tool ${step.tool}`);
  return tool;
}

function completed({ args, hash, tool }: Call, result: StoredResult, how: { cached: boolean }): StepOutcome {
  const wrote = tool.definition.effects === 'write' && !how.cached;
  return { kind: 'completed', result, bound_args: shown(args), call_hash: hash, wrote, ...how };
}

/** Arguments are frozen as they are now: after the approval exactly these are executed. */
function askApproval({ approvalMs }: RunStepDeps, { args, tool }: Call): StepOutcome {
  if (bytesOf(args) > LIMITS.args_bytes)
    throw new PlanyardError('args_too_large', 'Arguments that a person is to approve may have 256 KiB');
  const { effects } = tool.definition;
  return { kind: 'awaiting_approval', bound_args: args, effects, expires_in_ms: approvalMs };
}

/** Large arguments came by reference from a result, which is kept already. */
function shown(args: JsonObject): JsonObject {
  const bytes = bytesOf(args);
  return bytes <= LIMITS.args_bytes ? args : { omitted: `${bytes} bytes of arguments` };
}

function bytesOf(args: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(args));
}

function errorOf({ log }: RunStepDeps, thrown: unknown): PlanyardError {
  if (thrown instanceof PlanyardError) return thrown;
  log.error({ err: thrown }, 'the step failed');
  return isUnavailable(thrown)
    ? new PlanyardError('unavailable', 'Postgres is not to be reached', { cause: thrown })
    : toPlanyardError(thrown);
}

function isOutcomeUnknown(thrown: unknown): boolean {
  return thrown instanceof PlanyardError && thrown.code === 'outcome_unknown';
}
