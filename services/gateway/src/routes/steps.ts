import {
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
    decision(deps, 'approve', 'Let a step run with the arguments it asked with'),
    decision(deps, 'reject', 'Refuse a step; it fails as `rejected`'),
    decision(deps, 'abort', 'Stop a step, running or not'),
  ];
}

function decision(deps: GatewayDeps, verb: 'approve' | 'reject' | 'abort', summary: string): Route {
  return defineRoute({
    method: 'post',
    path: `/v1/runs/{id}/steps/{step}/${verb}`,
    id: `${verb}Step`,
    summary,
    tag: 'Steps',
    access: 'runs:approve',
    params: StepParams,
    body: { schema: DecideStepRequest.optional(), required: false, limit: 64 * 1024 },
    replies: { 200: { description: 'The step as it is now', schema: StepView } },
    errors: ['not_found', 'conflict', 'run_closed'],
    async handle({ params: { id, step }, body, principal, log }) {
      const { ended_at } = await requireRun(deps.db, principal.tenant, id);
      if (ended_at !== null) throw new PlanyardError('run_closed');
      if (verb === 'approve') await deps.engine.approveStep(id, step);
      else if (verb === 'reject') await deps.engine.rejectStep(id, step, body?.comment ?? null);
      else await deps.engine.abortStep(id, step);
      log.info({ run_id: id, step_id: step, decision: verb, comment: body?.comment }, 'step decided');
      return { body: await oneStep(deps, principal.tenant, id, step) };
    },
  });
}
