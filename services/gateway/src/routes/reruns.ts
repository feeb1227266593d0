import { RerunQuery, RerunRequest, RunAccepted, RunResponse } from '@planyard/contracts';
import type { GatewayDeps } from '../deps.ts';
import { defineRoute, parseOr, type Route } from '../http/route.ts';
import { acceptRerun } from '../runs/accept-rerun.ts';
import { EventStream } from '../runs/event-stream.ts';
import { replyWithRun } from '../runs/reply-with-run.ts';
import { CreateRunHeaders } from '../runs/run-headers.ts';
import { RunParams } from './run-params.ts';

export function rerunRoutes(deps: GatewayDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/v1/runs/{id}/rerun',
      id: 'rerun',
      summary: 'Run an ended run again, all of it or from a step on, with what lies before copied',
      tag: 'Runs',
      access: 'runs:write',
      params: RunParams,
      query: RerunQuery,
      headers: CreateRunHeaders,
      // In Postgres, with the run itself.
      idempotency: 'own',
      body: { schema: RerunRequest.optional(), required: false, limit: 512 * 1024 },
      replies: {
        200: {
          description:
            'It ended in the time that `Prefer: wait` gave, or `Accept: text/event-stream` follows it',
          schema: RunResponse,
          also: { 'text/event-stream': EventStream },
        },
        202: { description: 'Accepted: it will end, whatever crashes', schema: RunAccepted },
      },
      errors: ['not_found', 'conflict', 'args_too_large', 'idempotency_mismatch', 'overloaded'],
      timeoutMs: null,
      async handle({ params, query, body, principal, requestId, log, req, res, signal }) {
        const headers = parseOr('invalid_request', CreateRunHeaders, req.headers, 'header');
        const run = await acceptRerun(deps, {
          run: params.id,
          from: query.from,
          args: body?.args,
          caller: principal,
          requestId,
          idempotencyKey: headers['idempotency-key'],
          log,
        });
        return await replyWithRun(deps, run, { req, res, signal });
      },
    }),
  ];
}
