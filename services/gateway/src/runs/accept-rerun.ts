import {
  attemptOf,
  type Caller,
  type Fault,
  type JsonObject,
  type PlanStepId,
  PlanyardError,
  type RunId,
  type RunRequest,
  type StepId,
  stepId,
} from '@planyard/contracts';
import { collectReferences, type Engine, type FoundReference } from '@planyard/engine';
import { divideSteps, resolveStep } from '@planyard/planning';
import type { Logger } from '@planyard/runtime';
import { type ArchivedGraph, readGraph } from '@planyard/store';
import { checkArgsSize, checkToolArgs } from './check-tool-args.ts';
import { type AcceptedRun, type CommitRunDeps, commitRun } from './commit-run.ts';
import { requireRun } from './find-run.ts';

export interface AcceptRerunDeps extends CommitRunDeps {
  engine: Pick<Engine, 'openRuns' | 'submitRun' | 'listTools'>;
}

/**
 * A new run of what another one has asked, with its plan. Throws `not_found` for a run or step that is none, `conflict`
 * for a run that has not ended or has no steps, `invalid_request` with the place of arguments that cannot be.
 */
export async function acceptRerun(
  deps: AcceptRerunDeps,
  rerun: {
    run: RunId;
    /** Without its attempt, a step of the newest attempt that has one of that name. */
    from: StepId | PlanStepId | undefined;
    args: JsonObject | undefined;
    caller: Caller;
    requestId: string;
    idempotencyKey: string | undefined;
    log: Logger;
  },
): Promise<AcceptedRun> {
  const { run: parentId, from: name = null, args = null, caller, ...rest } = rerun;
  const makeRequest = async (): Promise<RunRequest> => {
    const parent = await requireRun(deps.db, caller.tenant, parentId);
    const graph = parent.ended_at === null ? null : await readGraph(deps.db, caller.tenant, parentId);
    if (!graph)
      throw new PlanyardError('conflict', `Run ${parentId} has not ended: only then it can be run again`);
    if (graph.steps.length === 0)
      throw new PlanyardError('conflict', `Run ${parentId} has no steps: ask its question again`);
    const ids = graph.steps.map(({ view }) => view.id);
    const attempt = Math.max(...ids.map(attemptOf));
    const from = name === null ? null : resolveStep(name, stepId(attempt, name), ids);
    if (name !== null && from === null)
      throw new PlanyardError('not_found', `Run ${parentId} has no step ${name}`);
    if (args !== null) await checkEdited(deps, graph, from, args);
    const { request } = parent.record;
    return {
      ...request,
      rerun: { run_id: parentId, from, args, attempt },
      // A person runs it again, no schedule.
      schedule_id: null,
      // It has passed; the budget's time begins anew.
      deadline: null,
      // What is run, is run anew.
      options: { ...request.options, cache: false },
      // Only its owner may go on with a conversation.
      conversation_id: parent.record.caller.user === caller.user ? request.conversation_id : null,
    };
  };
  return await commitRun(deps, makeRequest, {
    ...rest,
    caller,
    sameAs: { rerun: parentId, from: name, args },
  });
}

/** Arguments may refer to what is copied. Only without references can they be checked against the tool's schema before the step runs. */
async function checkEdited(
  { engine }: AcceptRerunDeps,
  graph: ArchivedGraph,
  from: StepId | null,
  args: JsonObject,
): Promise<void> {
  if (from === null) throw refused([{ path: 'args', message: 'are those of the step that `from` names' }]);
  checkArgsSize(args);
  const copied = divideSteps(graph.steps, from).copied.map(({ view }) => view.id);
  const references = referencesIn(args);
  const unknown = references.filter((reference) => resolveStep(reference.from, from, copied) === null);
  if (unknown.length > 0)
    throw refused(
      unknown.map((reference) => ({
        path: reference.at,
        message: `${reference.from} is no step that is copied`,
      })),
    );
  const name = graph.steps.find(({ view }) => view.id === from)?.definition.admitted.spec.tool;
  const tool = (await engine.listTools()).find((each) => each.name === name);
  if (tool && references.length === 0) checkToolArgs(tool, args);
}

function referencesIn(args: JsonObject): FoundReference[] {
  try {
    return collectReferences(args);
  } catch (error) {
    throw refused([{ path: 'args', message: error instanceof Error ? error.message : String(error) }]);
  }
}

function refused(errors: Fault[]): PlanyardError {
  const [first] = errors;
  return new PlanyardError('invalid_request', `${first?.path}: ${first?.message}`, { errors });
}
