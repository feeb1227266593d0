import {
  CreateRunRequest,
  ListRunsQuery,
  PlanyardError,
  RunAccepted,
  RunPage,
  RunResponse,
} from '@planyard/contracts';
import { deleteRun } from '@planyard/store';
import type { GatewayDeps } from '../deps.ts';
import { defineRoute, parseOr, type Route } from '../http/route.ts';
import { acceptRun } from '../runs/accept-run.ts';
import { EventStream } from '../runs/event-stream.ts';
import { readRunResponse, requireRun } from '../runs/find-run.ts';
import { listRunsNow } from '../runs/list-runs-now.ts';
import { accepted, replyWithRun } from '../runs/reply-with-run.ts';
import { CreateRunHeaders } from '../runs/run-headers.ts';
import { RunParams } from './run-params.ts';

const MiB = 1024 * 1024;

export function runRoutes(deps: GatewayDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/v1/runs',
      id: 'createRun',
      summary: 'Ask a question: starts a run',
      tag: 'Runs',
      access: 'runs:write',
      headers: CreateRunHeaders,
      // In Postgres, with the run itself: it holds whatever Redis does.
      idempotency: 'own',
      body: { schema: CreateRunRequest, required: true, limit: MiB, limitWithImages: 20 * MiB },
      replies: {
        200: {
          description:
            'It ended in the time that `Prefer: wait` gave, or `Accept: text/event-stream` follows it',
          schema: RunResponse,
          also: { 'text/event-stream': EventStream },
        },
        202: { description: 'Accepted: it will end, whatever crashes', schema: RunAccepted },
      },
      errors: ['idempotency_mismatch', 'payload_too_large', 'unsupported_media_type', 'overloaded'],
      timeoutMs: null,
      async handle({ body, principal, requestId, log, req, res, signal }) {
        const headers = parseOr('invalid_request', CreateRunHeaders, req.headers, 'header');
        const run = await acceptRun(deps, {
          body,
          caller: principal,
          requestId,
          idempotencyKey: headers['idempotency-key'],
          log,
        });
        return await replyWithRun(deps, run, { req, res, signal });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/runs',
      id: 'listRuns',
      summary: 'Runs, newest first',
      tag: 'Runs',
      access: 'runs:read',
      query: ListRunsQuery,
      replies: { 200: { description: 'A page of runs', schema: RunPage } },
      async handle({ query, principal }) {
        return { body: await listRunsNow(deps, principal.tenant, query) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/runs/{id}',
      id: 'getRun',
      summary: 'A run as it stands: while open without an answer',
      tag: 'Runs',
      access: 'runs:read',
      params: RunParams,
      replies: { 200: { description: 'The run', schema: RunResponse } },
      errors: ['not_found'],
      async handle({ params, principal }) {
        return { body: await readRunResponse(deps, principal.tenant, params.id) };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/runs/{id}',
      id: 'deleteRun',
      summary: 'Delete an ended run with its steps, events and results',
      tag: 'Runs',
      access: 'runs:write',
      params: RunParams,
      replies: { 204: { description: 'It is gone' } },
      errors: ['not_found', 'conflict'],
      async handle({ params, principal }) {
        const outcome = await deleteRun(deps.db, principal.tenant, params.id);
        if (outcome === 'missing') throw new PlanyardError('not_found', `There is no run ${params.id}`);
        if (outcome === 'open') throw new PlanyardError('conflict', 'The run is open: cancel it first');
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/runs/{id}/cancel',
      id: 'cancelRun',
      summary: 'Stop a run; its steps are aborted within a second',
      tag: 'Runs',
      access: 'runs:write',
      params: RunParams,
      replies: { 202: { description: 'It is being stopped', schema: RunAccepted } },
      errors: ['not_found', 'run_closed'],
      async handle({ params, principal }) {
        const { record, ended_at } = await requireRun(deps.db, principal.tenant, params.id);
        if (ended_at !== null) throw new PlanyardError('run_closed', `The run has ended: ${record.status}`);
        if (!(await deps.engine.cancelRun(params.id))) await refuseCancel(deps, principal.tenant, params.id);
        return accepted(record);
      },
    }),
  ];
}

/** Redis does not hold the run: it has just ended, or it is being rebuilt and can be cancelled in a moment. */
async function refuseCancel(deps: GatewayDeps, tenant: string, id: string): Promise<never> {
  const { ended_at } = await requireRun(deps.db, tenant, id);
  if (ended_at !== null) throw new PlanyardError('run_closed');
  throw new PlanyardError('unavailable', 'The run is being rebuilt; cancel it again in a moment', {
    retryAfter: 5,
  });
}
