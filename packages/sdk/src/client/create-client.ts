import {
  type AgentListItem,
  AgentPage,
  ApiKey,
  type BlueprintListItem,
  BlueprintPage,
  CatalogPage,
  CatalogRefresh,
  CatalogTableDetail,
  type ChatRequestBody,
  type CompositionListItem,
  CompositionPage,
  CompositionResult,
  ConversationView,
  CreatedKey,
  type CreateKeyRequest,
  type CreateRunRequest,
  type CreateScheduleRequest,
  ImportReport,
  type JsonObject,
  KeyPage,
  type ListRunsQuery,
  ModelList,
  type Page,
  type PlanStats,
  PlanStatsPage,
  PlanyardError,
  PromptDetail,
  type PromptListItem,
  PromptPage,
  type RankedToolItem,
  Readiness,
  RenderedPrompt,
  type RenderPromptRequest,
  RunAccepted,
  type RunCompositionRequest,
  type RunEvent,
  type RunListItem,
  RunPage,
  RunResponse,
  Schedule,
  SchedulePage,
  type SelectorStrategy,
  StatsPage,
  type StatsQuery,
  StepPage,
  StepView,
  type ToolListItem,
  ToolManifest,
  ToolPage,
  ToolRankPage,
  type ToolStats,
  TracePage,
  type TraceRow,
  UsageReport,
} from '@planyard/contracts';
import type { z } from 'zod';
import { type FollowOptions, followRun } from './follow-run.ts';
import { type ClientOptions, createHttp } from './http.ts';
import { multipartOf, type UploadFile } from './multipart.ts';

/** Where a page begins, and how long it is. A type, so that it passes as a query. */
type PageOptions = { limit?: number; cursor?: string };

export interface ImportOptions {
  /** What the files hold, where their columns do not tell. */
  kind?: 'items' | 'relations' | 'metrics' | 'events' | 'backstage';
  signal?: AbortSignal;
  /** Bytes handed over so far, of all. */
  onProgress?(sent: number, total: number): void;
}

/** The API of a gateway, typed. Every method throws PlanyardError; a page's `next_cursor` goes into the next call. */
export interface Client {
  runs: {
    create(
      request: CreateRunRequest,
      options?: { idempotencyKey?: string; signal?: AbortSignal },
    ): Promise<RunAccepted>;
    get(id: string): Promise<RunResponse>;
    /** Runs it again, from a step on or whole: what does not depend on that step is copied. `args` take the place of the step's. */
    rerun(
      id: string,
      request?: { from?: string | undefined; args?: JsonObject | undefined },
      options?: { idempotencyKey?: string; signal?: AbortSignal },
    ): Promise<RunAccepted>;
    list(query?: Partial<ListRunsQuery>): Promise<Page<RunListItem>>;
    cancel(id: string): Promise<RunAccepted>;
    delete(id: string): Promise<void>;
    /** Until the run's end; goes on by itself when the connection breaks. */
    events(id: string, options?: FollowOptions): AsyncIterable<RunEvent>;
    /** The run once it has ended. */
    wait(id: string, options?: { signal?: AbortSignal }): Promise<RunResponse>;
    steps(id: string, page?: PageOptions): Promise<Page<StepView>>;
    /** With its result. */
    step(id: string, step: string): Promise<StepView>;
    decide(
      id: string,
      step: string,
      verb: 'approve' | 'reject' | 'abort',
      /** `args`: approves the step with these arguments in place of those it asked with. */
      said?: { comment?: string | undefined; args?: JsonObject | undefined },
    ): Promise<StepView>;
    trace(id: string, page?: PageOptions): Promise<Page<TraceRow>>;
  };
  tools: {
    list(query?: PageOptions & { type?: string }): Promise<Page<ToolListItem>>;
    get(name: string): Promise<ToolManifest>;
    /** How the tools on offer are ranked for a question, with every factor. */
    rank(
      query: PageOptions & { question: string; strategy?: SelectorStrategy | undefined; agent?: string },
    ): Promise<Page<RankedToolItem>>;
  };
  agents: {
    list(query?: PageOptions): Promise<Page<AgentListItem>>;
    blueprints(query?: PageOptions): Promise<Page<BlueprintListItem>>;
    /** Starts a run of the agent; `conversation_id` of the reply goes into the next request. */
    chat(
      name: string,
      request: ChatRequestBody,
      options?: { idempotencyKey?: string; signal?: AbortSignal },
    ): Promise<RunAccepted>;
    /** The same with the supervisor of a blueprint. */
    chatWithBlueprint(
      name: string,
      request: ChatRequestBody,
      options?: { idempotencyKey?: string; signal?: AbortSignal },
    ): Promise<RunAccepted>;
  };
  compositions: {
    list(query?: PageOptions): Promise<Page<CompositionListItem>>;
    /** Starts it; what it gave is `result` of the run once that has ended. */
    run(
      name: string,
      request?: RunCompositionRequest,
      options?: { idempotencyKey?: string; signal?: AbortSignal },
    ): Promise<RunAccepted>;
    result(runId: string): Promise<CompositionResult>;
  };
  catalog: {
    /** A page of tables, and the sources that they are from. */
    list(
      query?: PageOptions & {
        source?: string | undefined;
        table?: string | undefined;
        text?: string | undefined;
      },
    ): Promise<CatalogPage>;
    /** A table, `name` or `schema.name`, with its columns. */
    table(source: string, table: string): Promise<CatalogTableDetail>;
    /** Of all sources without one; `refreshing` of a source tells when it is done. */
    refresh(source?: string): Promise<CatalogRefresh>;
  };
  schedules: {
    create(
      request: z.input<typeof CreateScheduleRequest>,
      options?: { idempotencyKey?: string },
    ): Promise<Schedule>;
    list(query?: PageOptions): Promise<Page<Schedule>>;
    /** With its next five times. */
    get(id: string): Promise<Schedule>;
    pause(id: string): Promise<Schedule>;
    resume(id: string): Promise<Schedule>;
    /** Its runs stay. */
    delete(id: string): Promise<void>;
  };
  conversations: {
    /** With a page of its turns, newest first. */
    get(id: string, page?: PageOptions): Promise<ConversationView>;
    /** With its runs. */
    delete(id: string): Promise<void>;
  };
  prompts: {
    list(query?: PageOptions): Promise<Page<PromptListItem>>;
    /** With the text of a version, the current one unless named. */
    get(name: string, query?: { version?: string | undefined }): Promise<PromptDetail>;
    /** The text for these variables. `prompt_error` names prompt, version and variable. */
    render(name: string, request: RenderPromptRequest): Promise<RenderedPrompt>;
  };
  models: {
    list(): Promise<ModelList>;
    /** A real, tiny call. `cost_usd` is null where the model has no known price. */
    test(model: string): Promise<{ answered_by: string | null; cost_usd: number | null }>;
  };
  keys: {
    create(request: CreateKeyRequest): Promise<CreatedKey>;
    list(query?: PageOptions & { tenant?: string }): Promise<Page<ApiKey>>;
    revoke(id: string, query?: { tenant?: string }): Promise<ApiKey>;
  };
  imports: {
    /** Files with faults are not loaded; the report says which and why. */
    create(files: UploadFile[], options?: ImportOptions): Promise<ImportReport>;
  };
  /** How plans did, by intent, agent and prompt version. */
  plans(query?: PageOptions & { by?: string; agent?: string }): Promise<Page<PlanStats>>;
  stats(query?: StatsQuery): Promise<Page<ToolStats>>;
  /** What models were used and what they cost. For the next page, name the `from` and `to` that this one says. */
  usage(
    query?: PageOptions & {
      /** Of day, model, agent, key, tag, with commas. */
      by?: string;
      from?: string;
      to?: string;
      model?: string;
      agent?: string;
      key?: string;
      tag?: string;
    },
  ): Promise<UsageReport>;
  /** Which dependency of the gateway is down, if any. */
  ready(): Promise<Readiness>;
}

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
      async create(files, { kind, signal, onProgress } = {}) {
        const total = files.reduce((sum, { size }) => sum + size, 0);
        const body = multipartOf(files, (sent) => onProgress?.(sent, total));
        try {
          const response = await http.open('POST', '/v1/imports', {
            query: { kind },
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
