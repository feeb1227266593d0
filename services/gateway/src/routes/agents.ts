import {
  AgentListItem,
  AgentPage,
  AgentParams,
  BlueprintListItem,
  BlueprintPage,
  ChatRequestBody,
  type CreateRunRequest,
  PageQuery,
  RunAccepted,
  RunResponse,
  type ToolManifest,
} from '@planyard/contracts';
import { type Agent, type Blueprint, toolsOfAgent } from '@planyard/planning';
import { plannable } from '../agents/plannable.ts';
import { requireNamed } from '../agents/require-named.ts';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, parseOr, type Route } from '../http/route.ts';
import { acceptRun } from '../runs/accept-run.ts';
import { EventStream } from '../runs/event-stream.ts';
import { replyWithRun } from '../runs/reply-with-run.ts';
import { CreateRunHeaders } from '../runs/run-headers.ts';

/** Seconds that a caller who wants no stream waits for the answer, unless they say otherwise. */
const patienceS = 60;

export function agentRoutes(deps: GatewayDeps): Route[] {
  const { prompts } = deps;
  return [
    defineRoute({
      method: 'get',
      path: '/v1/agents',
      id: 'listAgents',
      summary: 'Agents: what each is for, may use and is told',
      tag: 'Agents',
      access: 'runs:read',
      query: PageQuery,
      replies: { 200: { description: 'A page of agents', schema: AgentPage } },
      async handle({ query }) {
        const offered = plannable(deps, await deps.engine.listTools());
        return {
          body: pageOfArray(
            prompts.agents().map((agent) => toAgentItem(agent, offered)),
            query,
          ),
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/agents/{name}',
      id: 'getAgent',
      summary: 'An agent',
      tag: 'Agents',
      access: 'runs:read',
      params: AgentParams,
      replies: { 200: { description: 'The agent', schema: AgentListItem } },
      errors: ['not_found'],
      async handle({ params }) {
        const agent = requireNamed('agent', params.name, prompts.agents());
        return { body: toAgentItem(agent, plannable(deps, await deps.engine.listTools())) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/blueprints',
      id: 'listBlueprints',
      summary: 'Blueprints: agents under a supervisor',
      tag: 'Agents',
      access: 'runs:read',
      query: PageQuery,
      replies: { 200: { description: 'A page of blueprints', schema: BlueprintPage } },
      async handle({ query }) {
        return { body: pageOfArray(prompts.blueprints().map(toBlueprintItem), query) };
      },
    }),
    chatRoute(deps, 'agent', 'Say something to an agent'),
    chatRoute(
      deps,
      'blueprint',
      'Say something to the supervisor of a blueprint, who sends it to one of its agents',
    ),
  ];
}

function chatRoute(deps: GatewayDeps, to: 'agent' | 'blueprint', summary: string): Route {
  return defineRoute({
    method: 'post',
    path: `/v1/${to}s/{name}/chat`,
    id: to === 'agent' ? 'chatWithAgent' : 'chatWithBlueprint',
    summary,
    tag: 'Agents',
    access: 'runs:write',
    params: AgentParams,
    headers: CreateRunHeaders,
    idempotency: 'own',
    body: { schema: ChatRequestBody, required: true, limit: 1024 * 1024 },
    replies: {
      200: {
        description: `The run as it happens; with \`Accept: application/json\` once it has ended, within ${patienceS} seconds or what \`Prefer: wait\` gives`,
        schema: RunResponse,
        also: { 'text/event-stream': EventStream },
      },
      202: { description: 'It has not ended in this time', schema: RunAccepted },
    },
    errors: ['not_found', 'idempotency_mismatch', 'overloaded'],
    timeoutMs: null,
    async handle({ params, body: { message, ...rest }, principal, requestId, log, req, res, signal }) {
      requireNamed<{ name: string }>(
        to,
        params.name,
        to === 'agent' ? deps.prompts.agents() : deps.prompts.blueprints(),
      );
      const headers = parseOr('invalid_request', CreateRunHeaders, req.headers, 'header');
      const body: CreateRunRequest = { ...rest, question: message, [to]: params.name };
      const run = await acceptRun(deps, {
        body,
        caller: principal,
        requestId,
        idempotencyKey: headers['idempotency-key'],
        converse: true,
        log,
      });
      return await replyWithRun(
        deps,
        run,
        { req, res, signal },
        { type: 'text/event-stream', wait: patienceS },
      );
    },
  });
}

function toAgentItem({ prompt, ...agent }: Agent, offered: ToolManifest[]): AgentListItem {
  const { tools, faults } = toolsOfAgent(agent, offered);
  return AgentListItem.parse({
    ...agent,
    prompt: `${prompt.name}@${prompt.current}`,
    available_tools: tools.map(({ name }) => name).sort(),
    faults,
  });
}

function toBlueprintItem({ prompt, ...blueprint }: Blueprint): BlueprintListItem {
  return BlueprintListItem.parse({ ...blueprint, prompt: `${prompt.name}@${prompt.current}` });
}
