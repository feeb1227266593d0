import { LIMITS, type StoredResult } from '@planyard/contracts';
import type { BegunStep } from '@planyard/engine';
import { writeResult } from '@planyard/store';
import type { RunStepDeps } from './deps.ts';
import type { PreparedResult } from './prepare-result.ts';

/** Where a result goes: into Redis with the step's outcome, or over 64 KiB to Postgres before the step settles. */
export async function placeResult(
  { db }: Pick<RunStepDeps, 'db'>,
  step: BegunStep,
  result: PreparedResult,
): Promise<StoredResult> {
  const { value, ...about } = result;
  if (result.bytes <= LIMITS.inline_result_bytes) return { value, ...about };
  const ref = { run_id: step.run_id, step_id: step.step, epoch: step.epoch };
  await writeResult(db, step.caller.tenant, ref, value);
  return { stored: { epoch: step.epoch }, ...about };
}
