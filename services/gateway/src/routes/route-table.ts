import type { GatewayDeps } from '../deps.ts';
import type { Route } from '../http/route.ts';
import { openAiDocs } from '../openai/openai-docs.ts';
import { openApiOf } from '../openapi.ts';
import { agentRoutes } from './agents.ts';
import { catalogRoutes } from './catalog.ts';
import { compositionRoutes } from './compositions.ts';
import { conversationRoutes } from './conversations.ts';
import { healthRoutes } from './health.ts';
import { importRoutes } from './imports.ts';
import { keyRoutes } from './keys.ts';
import { openApiRoute } from './openapi-document.ts';
import { planRoutes } from './plans.ts';
import { promptRoutes } from './prompts.ts';
import { rerunRoutes } from './reruns.ts';
import { runEventRoutes } from './run-events.ts';
import { runRoutes } from './runs.ts';
import { scheduleRoutes } from './schedules.ts';
import { stepRoutes } from './steps.ts';
import { toolRoutes } from './tools.ts';
import { traceRoutes } from './trace.ts';
import { usageRoutes } from './usage.ts';

/** Every route of the API: what is registered is what `/openapi.json` says. */
export function routeTable(deps: GatewayDeps, options: { version: string; forgetKeys: () => void }): Route[] {
  const routes: Route[] = [
    ...runRoutes(deps),
    ...runEventRoutes(deps),
    ...rerunRoutes(deps),
    ...stepRoutes(deps),
    ...scheduleRoutes(deps),
    ...traceRoutes(deps),
    ...usageRoutes(deps),
    ...toolRoutes(deps),
    ...promptRoutes(deps),
    ...planRoutes(deps),
    ...agentRoutes(deps),
    ...conversationRoutes(deps),
    ...compositionRoutes(deps),
    ...catalogRoutes(deps),
    ...importRoutes(deps),
    ...keyRoutes(deps, options.forgetKeys),
    ...healthRoutes(deps),
  ];
  routes.push(openApiRoute(() => openApiOf([...routes, ...openAiDocs], options.version)));
  return routes;
}
