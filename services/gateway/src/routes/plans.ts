import { PlanStatsPage, PlansQuery } from '@planyard/contracts';
import { planStats } from '@planyard/store';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, type Route } from '../http/route.ts';

const monthMs = 30 * 86_400_000;

export function planRoutes(deps: Pick<GatewayDeps, 'db' | 'now'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/plans',
      id: 'planStats',
      summary: 'How plans did: success, repairs, cost and latency by intent, agent and prompt version',
      tag: 'Plans',
      access: 'runs:read',
      query: PlansQuery,
      replies: { 200: { description: 'A page of figures', schema: PlanStatsPage } },
      async handle({ query, principal }) {
        const { by, agent } = query;
        const to = query.to === undefined ? new Date(deps.now()) : new Date(query.to);
        const from = query.from === undefined ? new Date(to.getTime() - monthMs) : new Date(query.from);
        return {
          body: pageOfArray(await planStats(deps.db, principal.tenant, by, { from, to, agent }), query),
        };
      },
    }),
  ];
}
