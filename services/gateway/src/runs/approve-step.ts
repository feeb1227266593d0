import {
  type ApproveStepRequest,
  canonicalJson,
  PlanyardError,
  type RunId,
  type StepId,
} from '@planyard/contracts';
import type { Engine } from '@planyard/engine';
import { checkToolArgs } from './check-tool-args.ts';

/**
 * Lets a step run that asked, with other arguments where they are given: they are checked as the tool's schema says and
 * take the place of those that were frozen.
 */
export async function approveStep(
  engine: Pick<Engine, 'approveStep' | 'readStep' | 'listTools'>,
  { run, step, by }: { run: RunId; step: StepId; by: string },
  { args, comment, call }: ApproveStepRequest,
): Promise<void> {
  const decided = { by, comment: comment ?? null, call };
  const asked = args === undefined ? null : await engine.readStep(run, step);
  // Who is not waiting is refused by the engine, whatever the arguments are.
  if (args === undefined || asked?.status !== 'awaiting_approval' || isSame(args, asked.bound_args))
    return await engine.approveStep(run, step, decided);
  const tool = (await engine.listTools()).find(({ name }) => name === asked.tool);
  if (!tool)
    throw new PlanyardError(
      'tool_unavailable',
      `No worker offers ${asked.tool} now, so that other arguments cannot be checked`,
    );
  checkToolArgs(tool, args);
  await engine.approveStep(run, step, { ...decided, edited: { tool: tool.name, args } });
}

function isSame(one: ApproveStepRequest['args'], other: ApproveStepRequest['args'] | null): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}
