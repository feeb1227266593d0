import {
  type CompositionListItem,
  CompositionPage,
  CompositionParams,
  CompositionResult,
  type CreateRunRequest,
  LIMITS,
  PageQuery,
  PlanyardError,
  RunAccepted,
  RunCompositionRequest,
} from '@planyard/contracts';
import { parametersSchema, toolsOf } from '@planyard/planning';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, parseOr, type Route } from '../http/route.ts';
import { acceptRun } from '../runs/accept-run.ts';
import { compositionResult } from '../runs/composition-result.ts';
import { EventStream } from '../runs/event-stream.ts';
import { requireRun } from '../runs/find-run.ts';
import { replyWithRun } from '../runs/reply-with-run.ts';
import { CreateRunHeaders } from '../runs/run-headers.ts';
import { RunParams } from './run-params.ts';

/** Seconds that a caller waits for the result, unless they say otherwise. */
const patienceS = 60;

export function compositionRoutes(deps: GatewayDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/compositions',
      id: 'listCompositions',
      summary: 'Compositions: named pipelines of tools',
      tag: 'Compositions',
      access: 'runs:read',
      query: PageQuery,
      replies: { 200: { description: 'A page of compositions', schema: CompositionPage } },
      async handle({ query }) {
        const offered = new Set((await deps.engine.listTools()).map(({ name }) => name));
        const items = deps.compositions.list().map(
          (composition): CompositionListItem => ({
            ...composition,
            available: toolsOf(composition).every((name) => offered.has(name)),
          }),
        );
        return { body: pageOfArray(items, query) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/compositions/{name}/run',
      id: 'runComposition',
      summary: 'Run a composition: its steps in order, without a model',
      tag: 'Compositions',
      access: 'runs:write',
      params: CompositionParams,
      headers: CreateRunHeaders,
      idempotency: 'own',
      body: { schema: RunCompositionRequest, required: true, limit: 1024 * 1024 },
      replies: {
        200: {
          description: `What it gave, within ${patienceS} seconds or what \`Prefer: wait\` gives; its events with \`Accept: text/event-stream\``,
          schema: CompositionResult,
          also: { 'text/event-stream': EventStream },
        },
        202: { description: 'It has not ended in this time', schema: RunAccepted },
      },
      errors: ['not_found', 'idempotency_mismatch', 'overloaded'],
      timeoutMs: null,
      async handle({
        params: { name },
        body: { parameters, ...rest },
        principal,
        requestId,
        log,
        req,
        res,
        signal,
      }) {
        const composition = deps.compositions.get(name);
        if (!composition) {
          const names = deps.compositions.list().map((each) => each.name);
          throw new PlanyardError(
            'not_found',
            `There is no composition ${name}; there are: ${names.join(', ')}`,
          );
        }
        parseOr('invalid_request', parametersSchema(composition.parameters), parameters, 'parameters');
        const headers = parseOr('invalid_request', CreateRunHeaders, req.headers, 'header');
        const body: CreateRunRequest = {
          ...rest,
          question: `${name} ${JSON.stringify(parameters)}`.slice(0, LIMITS.question_chars),
        };
        const run = await acceptRun(deps, {
          body,
          caller: principal,
          requestId,
          idempotencyKey: headers['idempotency-key'],
          composition: { name, parameters },
          log,
        });
        return await replyWithRun(
          deps,
          run,
          { req, res, signal },
          {
            type: 'application/json',
            wait: patienceS,
            read: () => compositionResult(deps, principal.tenant, run.run.id),
          },
        );
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/runs/{id}/composition',
      id: 'getCompositionResult',
      summary: 'What a composition gave, for as long as its run is kept',
      tag: 'Compositions',
      access: 'runs:read',
      params: RunParams,
      replies: { 200: { description: 'The result', schema: CompositionResult } },
      errors: ['not_found'],
      async handle({ params, principal }) {
        const { record } = await requireRun(deps.db, principal.tenant, params.id);
        if (!record.request.composition)
          throw new PlanyardError('not_found', `Run ${params.id} is of no composition`);
        return { body: await compositionResult(deps, principal.tenant, params.id) };
      },
    }),
  ];
}
