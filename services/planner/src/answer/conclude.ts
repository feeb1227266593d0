import {
  canonicalJson,
  type PlanInfo,
  PlanyardError,
  type RefusedStep,
  type RunOutcome,
} from '@planyard/contracts';
import type { JoiningPhase, PlanningPhase, StepState } from '@planyard/engine';
import type { PlannerDeps } from '../deps.ts';
import { type Evidence, readEvidence } from '../results.ts';
import { describeResult } from './describe-result.ts';
import type { Show } from './describer.ts';
import { tellAnswer } from './finish-with-answer.ts';
import { cutShort, missingOf } from './missing.ts';

/** What an answer without a model says besides the results. */
export interface Extract {
  /** Parts of the question that nothing was made of. */
  missing: string[];
  show: ReadonlyMap<string, Show>;
  /** Steps that only served others, by the id they were planned with. */
  silent: ReadonlySet<string>;
}

const UNJOINED = 'this answer is made of the results alone, no model has joined them';
const NOTHING: Extract = { missing: [], show: new Map(), silent: new Set() };

/**
 * Ends a run with the answer that its results themselves make: each told in sentences, with its citation.
 * `why` says what came between the question and a model's answer; null where none was expected. Without any result the run fails.
 */
export async function concludeFromEvidence(
  phase: PlanningPhase | JoiningPhase,
  deps: PlannerDeps,
  planner: string,
  why: string | null,
  options: {
    extract?: Extract;
    error?: PlanyardError;
    refused?: RefusedStep[];
    /** Of a run that ends here because no plan could be made. */
    plan?: PlanInfo;
  } = {},
): Promise<void> {
  const { extract = NOTHING, error, refused = [] } = options;
  const evidence = newest(await readEvidence(phase, deps));
  const missing = [
    ...(why === null ? [] : [evidence.length === 0 ? why : `${why}; ${UNJOINED}`]),
    ...extract.missing,
    ...cutShort(phase),
    ...missingOf({ steps: phase.steps, refused: 'must_conclude' in phase ? phase.refused : refused }),
  ];
  const plan = options.plan ? { plan: options.plan } : {};
  if (evidence.length === 0)
    return await phase.finish({ ...withoutEvidence(planner, missing, error), ...plan });
  const told = evidence.filter(({ step }) => !extract.silent.has(step.spec.id));
  const answer = [
    ...(told.length > 0 ? told : evidence).map((each) =>
      describeResult(each, extract.show.get(each.step.spec.id)),
    ),
  ].join('\n');
  await tellAnswer(phase, answer);
  await phase.finish({
    status: missing.length === 0 ? 'completed' : 'partial',
    answer,
    citations: told.flatMap(citationsOfStep),
    missing,
    planner,
    error: null,
    ...plan,
  });
}

/** A step that two attempts ran counts once, by its name or, as in rounds where each call has its own, by its call. */
function newest(evidence: Evidence[]): Evidence[] {
  const calls = new Map(evidence.map(({ step }) => [step.id, callOf(step)]));
  return evidence.filter(
    ({ step }) =>
      !evidence.some(
        ({ step: other }) =>
          other.attempt > step.attempt &&
          (other.spec.id === step.spec.id || calls.get(other.id) === calls.get(step.id)),
      ),
  );
}

function callOf({ tool, bound_args, spec }: StepState): string {
  return canonicalJson([tool, bound_args ?? spec.args]);
}

const CITED = 10;

function citationsOfStep({ step }: Evidence): RunOutcome['citations'] {
  const records = step.result?.records ?? [];
  return records.length === 0
    ? [{ step: step.id }]
    : records.slice(0, CITED).map((record) => ({ step: step.id, record_id: record.id }));
}

function withoutEvidence(planner: string, missing: string[], error: PlanyardError | undefined): RunOutcome {
  const reason = error ?? new PlanyardError('no_evidence', missing.join('. ') || 'No step gave a result.');
  return { status: 'failed', answer: null, citations: [], missing, planner, error: reason.toBody() };
}
