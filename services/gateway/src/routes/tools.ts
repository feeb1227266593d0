import {
  ListToolsQuery,
  PlanyardError,
  type RankedToolItem,
  RankToolsQuery,
  ToolListItem,
  ToolManifest,
  ToolName,
  ToolPage,
  ToolRankPage,
} from '@planyard/contracts';
import { intentRulesOf, toolsOfAgent } from '@planyard/planning';
import { z } from 'zod';
import { plannable } from '../agents/plannable.ts';
import { requireNamed } from '../agents/require-named.ts';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, type Route } from '../http/route.ts';

export function toolRoutes(deps: GatewayDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/tools',
      id: 'listTools',
      summary: 'Tools that a live worker offers, without schemas',
      tag: 'Tools',
      access: 'runs:read',
      query: ListToolsQuery,
      replies: { 200: { description: 'A page of tools', schema: ToolPage } },
      async handle({ query }) {
        const tools = await deps.engine.listTools();
        const wanted = tools
          .filter((tool) => query.type === undefined || tool.name.startsWith(`${query.type}.`))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map((tool) => ToolListItem.parse(tool));
        return { body: pageOfArray(wanted, query) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/tools/rank',
      id: 'rankTools',
      summary: 'How the tools on offer are ranked for a question, with every factor',
      tag: 'Tools',
      access: 'runs:read',
      query: RankToolsQuery,
      replies: { 200: { description: 'A page of tools, best first', schema: ToolRankPage } },
      errors: ['not_found'],
      async handle({ query, principal, requestId }) {
        const { tools: offered, figures } = await deps.engine.offeredTools();
        const { question, strategy } = query;
        const agent =
          query.agent === undefined ? null : requireNamed('agent', query.agent, deps.prompts.agents());
        const plans = plannable(deps, offered);
        const tools = agent ? toolsOfAgent(agent, plans).tools : plans;
        const rules = agent ? { rules: intentRulesOf(agent) } : {};
        const similarities = await deps.similarities(question, tools, {
          caller: principal,
          request_id: requestId,
        });
        const ranked = deps.selectTools({
          question,
          strategy,
          tools,
          figures,
          similarities,
          ...rules,
          withOpen: true,
        });
        const items = ranked.map(
          ({ tool, factors, ...standing }): RankedToolItem => ({
            tool: tool.name,
            ...standing,
            ...factors,
            calls: figures.get(tool.name)?.calls ?? 0,
          }),
        );
        return { body: pageOfArray(items, query) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/tools/{name}',
      id: 'getTool',
      summary: 'A tool with the schemas of its arguments and result',
      tag: 'Tools',
      access: 'runs:read',
      params: z.object({ name: ToolName }),
      replies: { 200: { description: 'The tool', schema: ToolManifest } },
      errors: ['not_found'],
      async handle({ params }) {
        const tool = (await deps.engine.listTools()).find(({ name }) => name === params.name);
        if (!tool) throw new PlanyardError('not_found', `No live worker offers ${params.name}`);
        return { body: tool };
      },
    }),
  ];
}
