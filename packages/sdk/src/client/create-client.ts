import {
  AgentPage,
  ApiKey,
  BlueprintPage,
  CatalogPage,
  CatalogRefresh,
  CatalogTableDetail,
  CompositionPage,
  CompositionResult,
  ConversationView,
  CreatedKey,
  ImportReport,
  KeyPage,
  ModelList,
  PlanStatsPage,
  PlanyardError,
  PromptDetail,
  PromptPage,
  Readiness,
  RenderedPrompt,
  RunAccepted,
  RunPage,
  RunResponse,
  Schedule,
  SchedulePage,
  StatsPage,
  StepPage,
  StepView,
  ToolManifest,
  ToolPage,
  ToolRankPage,
  TracePage,
  UsageReport,
} from '@planyard/contracts';
import type { Client } from './client.ts';
import { followRun } from './follow-run.ts';
import { type ClientOptions, createHttp } from './http.ts';
import { multipartOf } from './multipart.ts';

/** Enough for a word, and for some reasoning before it. */
const TEST_TOKENS = 256;

export function createClient(options: ClientOptions): Client {
  const http = createHttp(options);
  const run = (id: string, rest = '') => `/v1/runs/${encodeURIComponent(id)}${rest}`;
  const step = (id: string, name: string, rest = '') => run(id, `/steps/${encodeURIComponent(name)}${rest}`);
  const schedule = (id: string, rest = '') => `/v1/schedules/${encodeURIComponent(id)}${rest}`;
  const prompt = (name: string, rest = '') => `/v1/prompts/${encodeURIComponent(name)}${rest}`;
  const start = (
    path: string,
    body: unknown,
    { idempotencyKey, signal }: { idempotencyKey?: string; signal?: AbortSignal } = {},
  ) =>
    http.json('POST', path, RunAccepted, {
      body,
      // Accepted, and followed by its events: nothing is waited for here.
      headers: { 'idempotency-key': idempotencyKey, accept: 'application/json', prefer: 'wait=0' },
      ...(signal ? { signal } : {}),
    });
  const get = (id: string) => http.json('GET', run(id), RunResponse);

  return {
    runs: {
      create: (request, { idempotencyKey, signal } = {}) =>
        http.json('POST', '/v1/runs', RunAccepted, {
          body: request,
          headers: { 'idempotency-key': idempotencyKey },
          ...(signal ? { signal } : {}),
        }),
      get,
      rerun: (id, { from, args } = {}, { idempotencyKey, signal } = {}) =>
        http.json('POST', run(id, '/rerun'), RunAccepted, {
          query: { from },
          ...(args === undefined ? {} : { body: { args } }),
          headers: { 'idempotency-key': idempotencyKey },
          ...(signal ? { signal } : {}),
        }),
      list: (query) => http.json('GET', '/v1/runs', RunPage, { query }),
      cancel: (id) => http.json('POST', run(id, '/cancel'), RunAccepted),
      delete: async (id) => {
        await http.open('DELETE', run(id));
      },
      events: (id, follow) => followRun(http, id, follow),
      async wait(id, follow) {
        for await (const _event of followRun(http, id, follow));
        return await get(id);
      },
      steps: (id, query) => http.json('GET', run(id, '/steps'), StepPage, { query: { ...query } }),
      step: (id, name) => http.json('GET', step(id, name), StepView),
      decide: (id, name, verb, said) =>
        http.json('POST', step(id, name, `/${verb}`), StepView, said ? { body: said } : {}),
      trace: (id, query) => http.json('GET', run(id, '/trace'), TracePage, { query: { ...query } }),
    },
    tools: {
      list: (query) => http.json('GET', '/v1/tools', ToolPage, { query }),
      rank: (query) => http.json('GET', '/v1/tools/rank', ToolRankPage, { query }),
      get: (name) => http.json('GET', `/v1/tools/${encodeURIComponent(name)}`, ToolManifest),
    },
    agents: {
      list: (query) => http.json('GET', '/v1/agents', AgentPage, { query }),
      blueprints: (query) => http.json('GET', '/v1/blueprints', BlueprintPage, { query }),
      chat: (name, body, options) => start(`/v1/agents/${encodeURIComponent(name)}/chat`, body, options),
      chatWithBlueprint: (name, body, options) =>
        start(`/v1/blueprints/${encodeURIComponent(name)}/chat`, body, options),
    },
    compositions: {
      list: (query) => http.json('GET', '/v1/compositions', CompositionPage, { query }),
      run: (name, body = {}, options) =>
        start(`/v1/compositions/${encodeURIComponent(name)}/run`, body, options),
      result: (id) => http.json('GET', run(id, '/composition'), CompositionResult),
    },
    catalog: {
      list: (query) => http.json('GET', '/v1/catalog', CatalogPage, { query }),
      table: (source, table) =>
        http.json(
          'GET',
          `/v1/catalog/${encodeURIComponent(source)}/${encodeURIComponent(table)}`,
          CatalogTableDetail,
        ),
      refresh: (source) =>
        http.json('POST', '/v1/catalog/refresh', CatalogRefresh, {
          body: source === undefined ? {} : { source },
        }),
    },
    schedules: {
      create: (body, { idempotencyKey } = {}) =>
        http.json('POST', '/v1/schedules', Schedule, {
          body,
          headers: { 'idempotency-key': idempotencyKey },
        }),
      list: (query) => http.json('GET', '/v1/schedules', SchedulePage, { query }),
      get: (id) => http.json('GET', schedule(id), Schedule),
      pause: (id) => http.json('POST', schedule(id, '/pause'), Schedule),
      resume: (id) => http.json('POST', schedule(id, '/resume'), Schedule),
      delete: async (id) => {
        await http.open('DELETE', schedule(id));
      },
    },
    conversations: {
      get: (id, query) =>
        http.json('GET', `/v1/conversations/${encodeURIComponent(id)}`, ConversationView, {
          query: { ...query },
        }),
      delete: async (id) => {
        await http.open('DELETE', `/v1/conversations/${encodeURIComponent(id)}`);
      },
    },
    prompts: {
      list: (query) => http.json('GET', '/v1/prompts', PromptPage, { query }),
      get: (name, query) => http.json('GET', prompt(name), PromptDetail, { query }),
      render: (name, body) => http.json('POST', prompt(name, '/render'), RenderedPrompt, { body }),
    },
    models: {
      list: () => http.json('GET', '/v1/models', ModelList),
      async test(model) {
        const { headers } = await http.open('POST', '/v1/chat/completions', {
          headers: { 'x-planyard-cache': 'off' },
          body: {
            model,
            messages: [{ role: 'user', content: 'Reply with one word: ready' }],
            max_completion_tokens: TEST_TOKENS,
          },
        });
        const cost = headers.get('x-planyard-cost-usd');
        return {
          answered_by: headers.get('x-planyard-model'),
          cost_usd: cost === null ? null : Number(cost),
        };
      },
    },
    keys: {
      create: (body) => http.json('POST', '/v1/keys', CreatedKey, { body }),
      list: (query) => http.json('GET', '/v1/keys', KeyPage, { query }),
      revoke: (id, query) => http.json('DELETE', `/v1/keys/${encodeURIComponent(id)}`, ApiKey, { query }),
    },
    imports: {
      async create(files, { kind, replace, signal, onProgress } = {}) {
        const total = files.reduce((sum, { size }) => sum + size, 0);
        const body = multipartOf(files, (sent) => onProgress?.(sent, total));
        try {
          const response = await http.open('POST', '/v1/imports', {
            query: { kind, replace: replace ? 'true' : undefined },
            // The length too, so that what is too large is refused before it is sent.
            headers: { 'content-type': body.contentType, 'content-length': String(body.bytes) },
            stream: body.stream,
            ...(signal ? { signal } : {}),
          });
          return ImportReport.parse(await response.json());
        } catch (error) {
          // Some files were not loaded: the problem reply carries the report of all.
          if (!(error instanceof PlanyardError) || error.code !== 'import_failed') throw error;
          return ImportReport.parse(error.cause);
        }
      },
    },
    plans: (query) => http.json('GET', '/v1/plans', PlanStatsPage, { query }),
    stats: (query) => http.json('GET', '/v1/stats', StatsPage, { query }),
    usage: (query) => http.json('GET', '/v1/usage', UsageReport, { query }),
    async ready() {
      const response = await http.open('GET', '/readyz').catch((error: unknown) => {
        const body = Readiness.safeParse(error instanceof PlanyardError ? error.cause : null);
        if (body.success) return body.data;
        throw error;
      });
      return response instanceof Response ? Readiness.parse(await response.json()) : response;
    },
  };
}
