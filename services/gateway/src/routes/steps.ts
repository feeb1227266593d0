import {
  ApproveStepRequest,
  DecideStepRequest,
  PageQuery,
  PlanyardError,
  RunId,
  StepId,
  StepPage,
  StepView,
} from '@planyard/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { approveStep } from '../runs/approve-step.ts';
import { requireRun } from '../runs/find-run.ts';
import { allSteps, oneStep } from '../runs/run-steps.ts';
import { RunParams } from './run-params.ts';

const StepParams = z.object({ id: RunId, step: StepId });

export function stepRoutes(deps: GatewayDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/runs/{id}/steps',
      id: 'listSteps',
      summary: 'Steps of a run in the order they were added; a result over 64 KiB only with its own step',
      tag: 'Steps',
      access: 'runs:read',
      params: RunParams,
      query: PageQuery,
      replies: { 200: { description: 'A page of steps', schema: StepPage } },
      errors: ['not_found'],
      async handle({ params, query, principal }) {
        return { body: pageOfArray(await allSteps(deps, principal.tenant, params.id), query) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/runs/{id}/steps/{step}',
      id: 'getStep',
      summary: 'A step with its result or error',
      tag: 'Steps',
      access: 'runs:read',
      params: StepParams,
      replies: { 200: { description: 'The step', schema: StepView } },
      errors: ['not_found'],
      async handle({ params, principal }) {
        return { body: await oneStep(deps, principal.tenant, params.id, params.step) };
      },
    }),
    decision(
      deps,
      'approve',
      'Let a step run with the arguments it asked with, or with others',
      ApproveStepRequest,
      (at, body) => approveStep(deps.engine, at, body),
    ),
    decision(
      deps,
      'reject',
      'Refuse a step; it fails as `rejected`',
      DecideStepRequest,
      ({ run, step, by }, { comment, call }) =>
        deps.engine.rejectStep(run, step, { by, comment: comment ?? null, call }),
    ),
    decision(deps, 'abort', 'Stop a step, running or not', DecideStepRequest, ({ run, step }) =>
      deps.engine.abortStep(run, step),
    ),
  ];
}

/** Where a decision is made, and by whom. */
type At = { run: RunId; step: StepId; by: string };

function decision<B extends typeof DecideStepRequest>(
  deps: GatewayDeps,
  verb: 'approve' | 'reject' | 'abort',
  summary: string,
  schema: B,
  decide: (at: At, body: z.output<B>) => Promise<void>,
): Route {
  return defineRoute({
    method: 'post',
    path: `/v1/runs/{id}/steps/{step}/${verb}`,
    id: `${verb}Step`,
    summary,
    tag: 'Steps',
    access: 'runs:approve',
    params: StepParams,
    body: { schema: schema.optional(), required: false, limit: 512 * 1024 },
    replies: { 200: { description: 'The step as it is now', schema: StepView } },
    errors: [
      'not_found',
      'conflict',
      'run_closed',
      ...(verb === 'approve' ? (['tool_unavailable'] as const) : []),
    ],
    async handle({ params: { id, step }, body, principal, log }) {
      const { ended_at } = await requireRun(deps.db, principal.tenant, id);
      if (ended_at !== null) throw new PlanyardError('run_closed');
      const said = schema.parse(body ?? {}) as z.output<B>;
      await decide({ run: id, step, by: principal.user }, said);
      const edited = 'args' in said && said.args !== undefined;
      log.info({ run_id: id, step_id: step, decision: verb, comment: said.comment, edited }, 'step decided');
      return { body: await oneStep(deps, principal.tenant, id, step) };
    },
  });
}
