import { type AdmittedStep, type BudgetReport, PlanStep, type RunOutcome, stepId } from '@planyard/contracts';
import { type BegunStep, type Consumer, type StepOutcome, toStepView } from '@planyard/engine';
import { archiveRun, writeResult } from '@planyard/store';
import type { TestGateway } from './open-gateway.ts';

export type PlayedStep = { id: string; tool?: string; args?: PlanStep['args']; after?: string[] };

export interface Play {
  steps?: PlayedStep[] | ((attempt: number) => PlayedStep[]);
  /** The planner of the first attempt dies before its plan is whole. */
  dies?: boolean;
  execute?: (step: BegunStep, signal: AbortSignal) => Promise<StepOutcome>;
  answer?: string[];
  /** The answer is begun, and then begun again. */
  restart?: boolean;
}

const line = { used: 0, limit: null, percent: null, exceeded: false };
const budget: BudgetReport = { cost_usd: line, tokens: line, ms: line, steps: line };

/** Plays planner, tool worker and results over the real engine and store: the steps are given, the answer is streamed as given. */
export function playServices({ engine, db }: TestGateway, play: Play): Consumer {
  const answer = play.answer ?? ['all ', 'good'];
  const phases = engine.consumePhases(
    {
      async plan(phase) {
        await phase.started({ planner: 'rules' });
        const { steps: planned = [] } = play;
        const steps = typeof planned === 'function' ? planned(phase.attempt) : planned;
        if (steps.length > 0) await phase.addSteps(steps.map((step) => admit(phase.attempt, step)));
        if (play.dies && phase.attempt === 1) throw new Error('the planner dies');
        await phase.seal({ intent: 'test' });
      },
      async join(phase) {
        await phase.answerStarted();
        for (const text of answer) await phase.answerDelta(text);
        if (play.restart) {
          await phase.answerStarted();
          for (const text of answer) await phase.answerDelta(text);
        }
        await phase.answerCompleted(answer.join(''));
        await phase.finish(outcome(answer.join('')));
      },
      async persist(phase) {
        const { record } = phase.state;
        const created = Date.parse(record.created_at);
        await archiveRun(db, {
          run_id: phase.run_id,
          incarnation: phase.incarnation,
          steps: phase.steps.map((step) => ({
            view: toStepView(step),
            result_epoch: step.result?.stored?.epoch ?? null,
            definition: { admitted: step.admitted, call_hash: step.call_hash },
          })),
          model_calls: phase.model_calls,
          tool_spending: [],
          events: phase.events,
          plan: null,
          response: {
            id: phase.run_id,
            status: phase.outcome.status,
            question: record.request.question,
            agent: null,
            conversation_id: null,
            schedule_id: record.request.schedule_id ?? null,
            parent_run_id: record.request.rerun?.run_id ?? null,
            plan_source: null,
            answer: phase.outcome.answer,
            partial: false,
            missing: [],
            citations: [],
            steps: [],
            usage: { models: [], cost_usd: 0 },
            prompts: [],
            budget,
            planner: phase.outcome.planner,
            sample_data: false,
            timings: {
              created_at: record.created_at,
              ended_at: new Date().toISOString(),
              total_ms: Date.now() - created,
              planning_ms: 0,
              executing_ms: 0,
              joining_ms: 0,
              sequential_ms: 0,
            },
            request_id: record.request_id,
            error: phase.outcome.error,
          },
        });
        await phase.announce();
      },
    },
    { concurrency: 4, worker: 'test' },
  );
  const steps = engine.consumeSteps(async (step, { signal }) => (play.execute ?? echo)(step, signal), {
    classes: ['io'],
    concurrency: 8,
    worker: 'test',
  });
  return {
    async close(graceMs) {
      await Promise.all([phases.close(graceMs), steps.close(graceMs)]);
    },
  };
}

/** A result that is too large for Redis, as a tool worker stores it. */
export async function storeBig({ db }: TestGateway, step: BegunStep, text: string): Promise<StepOutcome> {
  const ref = { run_id: step.run_id, step_id: step.step, epoch: step.epoch };
  await writeResult(db, step.caller.tenant, ref, { text });
  return completed(step, { stored: { epoch: step.epoch }, bytes: text.length });
}

export async function echo(step: BegunStep): Promise<StepOutcome> {
  return completed(step, { value: { echo: step.args }, bytes: 10 });
}

function completed(
  step: BegunStep,
  result: { value?: { echo: BegunStep['args'] }; stored?: { epoch: number }; bytes: number },
): StepOutcome {
  return {
    kind: 'completed',
    result: { ...result, count: 1, records: [] },
    bound_args: step.args,
    cached: false,
  };
}

function admit(attempt: number, step: PlayedStep): AdmittedStep {
  const spec = PlanStep.parse({ tool: 'test.echo', ...step });
  return {
    id: stepId(attempt, spec.id),
    spec,
    data_deps: [],
    after_deps: spec.after.map((id) => stepId(attempt, id)),
    dispatch: { class: 'io', timeout_ms: 20_000, max_tries: 1 },
  };
}

function outcome(answer: string): RunOutcome {
  return { status: 'completed', answer, citations: [], missing: [], planner: 'rules', error: null };
}
