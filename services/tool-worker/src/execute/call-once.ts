import { type ErrorBody, type Json, PlanyardError, toPlanyardError } from '@planyard/contracts';
import type { BegunStep } from '@planyard/engine';
import { beginSideEffect, finishSideEffect, listSideEffects } from '@planyard/store';
import type { RunStepDeps } from './deps.ts';
import type { PreparedResult } from './prepare-result.ts';

type Outcome = { result: PreparedResult } | { error: ErrorBody };

/**
 * A call with effects that may not happen twice: noted in Postgres before it is made, and how it ended after it.
 * Where an earlier one ended well, its result is returned. Where nobody knows how one ended (its worker died, or it was
 * timed out), the call is not made: throws `outcome_unknown`.
 */
export async function callOnce(
  { db, now }: Pick<RunStepDeps, 'db' | 'now'>,
  step: BegunStep,
  signal: AbortSignal,
  call: () => Promise<PreparedResult>,
): Promise<PreparedResult> {
  const { tenant } = step.caller;
  const key = { run_id: step.run_id, step_id: step.step, fallback: step.is_fallback };
  for (const earlier of await listSideEffects(db, tenant, key)) {
    const outcome = earlier.outcome as Outcome | null;
    if (outcome === null) throw unknownOutcome(step);
    if ('result' in outcome) return outcome.result;
  }
  const entry = { ...key, try: step.try };
  if (!(await beginSideEffect(db, tenant, entry, { epoch: step.epoch, now: now() })))
    throw unknownOutcome(step);

  const finish = (outcome: Outcome) =>
    finishSideEffect(db, tenant, entry, { outcome: outcome as unknown as Json, now: now() });
  let result: PreparedResult;
  try {
    result = await call();
  } catch (thrown) {
    // Cut off in the middle: the effect may have happened.
    if (signal.aborted) throw unknownOutcome(step);
    await finish({ error: toPlanyardError(thrown, 'tool_failed').toBody() });
    throw thrown;
  }
  await finish({ result });
  return result;
}

function unknownOutcome(step: BegunStep): PlanyardError {
  return new PlanyardError(
    'outcome_unknown',
    `${step.tool} was begun and nobody knows how it ended; it is not run again`,
  );
}
