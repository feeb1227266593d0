import { z } from 'zod';
import type { GatewayDeps } from '../deps.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { sendSse } from '../http/sse.ts';
import { within } from '../http/within.ts';
import { EventStream, lastEventOf, toSse } from '../runs/event-stream.ts';
import { requireRun } from '../runs/find-run.ts';
import { runEvents } from '../runs/run-events.ts';
import { RunParams } from './run-params.ts';

export function runEventRoutes(deps: GatewayDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/runs/{id}/events',
      id: 'followRun',
      summary: 'Events of a run from its start to its end, live or archived',
      tag: 'Runs',
      access: 'runs:read',
      params: RunParams,
      headers: z.object({
        'last-event-id': z.string().optional().meta({
          description:
            'Goes on after the event with this id, or this number; from the start where the run does not have it. An archived answer is one `answer.delta`: who has seen a part of it is told it anew, from its `answer.started`',
        }),
      }),
      replies: { 200: { description: 'The events', also: { 'text/event-stream': EventStream } } },
      errors: ['not_found'],
      timeoutMs: null,
      async handle({ params, principal, req, res, signal }) {
        await within(10_000, 'Postgres', requireRun(deps.db, principal.tenant, params.id));
        res.locals.runId = params.id;
        if (req.method === 'HEAD') return { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } };
        const after = lastEventOf(req.get('last-event-id'));
        const events = runEvents(deps, { tenant: principal.tenant, id: params.id }, after, signal);
        await sendSse(res, toSse(events), signal);
        return null;
      },
    }),
  ];
}
