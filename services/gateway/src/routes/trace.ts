import { StatsPage, StatsQuery, TracePage, TraceQuery } from '@planyard/contracts';
import { toolStats } from '@planyard/store';
import { z } from 'zod';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { allModelCalls } from '../runs/run-model-calls.ts';
import { allSteps } from '../runs/run-steps.ts';
import { traceCsv } from '../trace/trace-csv.ts';
import { traceRows } from '../trace/trace-rows.ts';
import { RunParams } from './run-params.ts';

export function traceRoutes(deps: GatewayDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/runs/{id}/trace',
      id: 'getTrace',
      summary: 'Every step and model call of a run with times, sizes and costs',
      tag: 'Runs',
      access: 'runs:read',
      params: RunParams,
      query: TraceQuery,
      replies: {
        200: { description: 'The trace', schema: TracePage, also: { 'text/csv': z.string() } },
      },
      errors: ['not_found'],
      async handle({ params, query, principal, res }) {
        const steps = await allSteps(deps, principal.tenant, params.id);
        const rows = traceRows(steps, await allModelCalls(deps, principal.tenant, params.id));
        if (query.format === 'json') return { body: pageOfArray(rows, query) };
        res.attachment(`${params.id}.csv`).type('text/csv; charset=utf-8').send(traceCsv(rows));
        return null;
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/stats',
      id: 'getStats',
      summary: 'How each tool did in a time range',
      tag: 'Runs',
      access: 'runs:read',
      query: StatsQuery,
      replies: { 200: { description: 'One entry a tool', schema: StatsPage } },
      async handle({ query, principal }) {
        return { body: { data: await toolStats(deps.db, principal.tenant, query), next_cursor: null } };
      },
    }),
  ];
}
