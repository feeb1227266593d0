import { PlanyardError, type StoredResult } from '@planyard/contracts';
import type { BegunStep } from '@planyard/engine';
import { copyResult } from '@planyard/store';
import type { Call } from './check-input.ts';
import type { RunStepDeps } from './deps.ts';

/** The result of an earlier attempt's step with the same call: it is not executed again, unless it read before something was written. Throws `repeated_call` where it failed there. */
export async function adoptResult(
  { engine, db }: Pick<RunStepDeps, 'engine' | 'db'>,
  step: BegunStep,
  { hash, tool }: Call,
): Promise<StoredResult | null> {
  const found = await engine.findSettled(step, hash, tool.definition.effects);
  if (found && 'error' in found)
    throw new PlanyardError(
      'repeated_call',
      `It is the call of ${found.step}, which failed: ${found.error.message}`,
    );
  if (!found?.result.stored) return found?.result ?? null;
  const from = { run_id: step.run_id, step_id: found.step, epoch: found.result.stored.epoch };
  const to = { run_id: step.run_id, step_id: step.step, epoch: step.epoch };
  await copyResult(db, step.caller.tenant, from, to);
  return { ...found.result, stored: { epoch: step.epoch } };
}
