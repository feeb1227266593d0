import { Readiness } from '@planyard/contracts';
import { checkHealth } from '@planyard/runtime';
import { z } from 'zod';
import type { GatewayDeps } from '../deps.ts';
import { defineRoute, type Route } from '../http/route.ts';

export function healthRoutes(deps: Pick<GatewayDeps, 'checks'>): Route[] {
  let looking: ReturnType<typeof checkHealth> | null = null;
  /** One look for all who ask meanwhile: anybody may, and a thousand looks at once would find Postgres too slow. */
  const look = () => {
    looking ??= checkHealth(deps.checks).finally(() => {
      looking = null;
    });
    return looking;
  };
  return [
    defineRoute({
      method: 'get',
      path: '/healthz',
      id: 'getHealth',
      summary: 'Whether the process lives',
      tag: 'Operation',
      access: 'public',
      replies: { 200: { description: 'It does', schema: z.object({ ok: z.boolean() }) } },
      handle: async () => ({ body: { ok: true } }),
    }),
    defineRoute({
      method: 'get',
      path: '/readyz',
      id: 'getReadiness',
      summary: 'Whether it can serve; names the dependency that is down',
      tag: 'Operation',
      access: 'public',
      replies: {
        200: { description: 'Ready', schema: Readiness },
        503: { description: 'A dependency is down', schema: Readiness },
      },
      async handle() {
        const { ok, checks } = await look();
        const body: Readiness = { ready: ok, checks };
        return { status: ok ? 200 : 503, body };
      },
    }),
  ];
}
