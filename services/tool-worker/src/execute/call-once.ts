import {
  attemptOf,
  type ErrorBody,
  type Json,
  PlanyardError,
  type StepId,
  toPlanyardError,
} from '@planyard/contracts';
import type { BegunStep } from '@planyard/engine';
import { beginSideEffect, finishSideEffect, type JournalEntry, listSideEffects } from '@planyard/store';
import type { RunStepDeps } from './deps.ts';
import type { PreparedResult } from './prepare-result.ts';

type Outcome = { result: PreparedResult } | { error: ErrorBody };

/**
 * What came of a call that may not happen twice, where it was made before: by this step, whose worker died, or by an
 * earlier attempt or life of its run that did not hear of its end. Null where it may be made. Equal calls of one attempt
 * are two. Throws `outcome_unknown` where one was begun and nobody knows how it ended.
 */
export async function madeBefore(
  { db }: Pick<RunStepDeps, 'db'>,
  step: BegunStep,
  callHash: string,
): Promise<PreparedResult | null> {
  const call = { run_id: step.run_id, call_hash: callHash };
  const noted = await listSideEffects(db, step.caller.tenant, call).catch((error) => {
    // A begin that ended in no retry may have made it, and no try is left to ask again.
    if (step.epoch > step.try && step.try >= step.max_tries) throw unknownOutcome(step);
    throw error;
  });
  for (const entry of noted) {
    const isOwn = isBy(step, entry);
    const isEarlier =
      entry.incarnation < step.incarnation || attemptOf(entry.step_id as StepId) < attemptOf(step.step);
    if (!isOwn && !isEarlier) continue;
    const outcome = entry.outcome as Outcome | null;
    if (outcome === null) throw unknownOutcome(step);
    if ('result' in outcome) return outcome.result;
    if (isOwn && entry.try === step.try)
      throw new PlanyardError(outcome.error.code, outcome.error.message, outcome.error);
  }
  return null;
}

function isBy(step: BegunStep, entry: JournalEntry): boolean {
  return (
    entry.incarnation === step.incarnation &&
    entry.step_id === step.step &&
    entry.fallback === step.is_fallback
  );
}

/** The journal's entry of a call that may not happen twice. */
export function journalEntry(
  { db, log, now }: Pick<RunStepDeps, 'db' | 'log' | 'now'>,
  step: BegunStep,
  callHash: string,
  signal: AbortSignal,
) {
  const { tenant } = step.caller;
  const { run_id, incarnation, step: step_id, is_fallback: fallback } = step;
  const key = { run_id, incarnation, step_id, try: step.try, fallback };
  // How the call ended is known here, whether or not it can be noted.
  const note = (outcome: Outcome) =>
    finishSideEffect(db, tenant, key, { outcome: outcome as unknown as Json, now: now() }).catch((error) =>
      log.error({ err: error }, 'how a call ended is not in the journal'),
    );

  return {
    /** Before the call is made. Throws `outcome_unknown` where another worker was here. */
    async begin(): Promise<void> {
      const begun = { call_hash: callHash, epoch: step.epoch, now: now() };
      if (!(await beginSideEffect(db, tenant, key, begun))) throw unknownOutcome(step);
    },
    /** Makes the call, and notes how it ended. */
    async around(call: () => Promise<PreparedResult>): Promise<PreparedResult> {
      let result: PreparedResult;
      try {
        result = await call();
      } catch (thrown) {
        // Cut off in the middle, the effect may have happened: the entry stays open.
        if (!signal.aborted) await note({ error: toPlanyardError(thrown, 'tool_failed').toBody() });
        throw thrown;
      }
      await note({ result });
      return result;
    },
  };
}

export function unknownOutcome(step: BegunStep): PlanyardError {
  return new PlanyardError(
    'outcome_unknown',
    `${step.tool} was begun and nobody knows how it ended; it is not run again`,
  );
}
