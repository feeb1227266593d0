import type {
  AgentListItem,
  ApiKey,
  BlueprintListItem,
  CatalogPage,
  CatalogRefresh,
  CatalogTableDetail,
  ChatRequestBody,
  CompositionListItem,
  CompositionResult,
  ConversationView,
  CreatedKey,
  CreateKeyRequest,
  CreateRunRequest,
  CreateScheduleRequest,
  ImportReport,
  JsonObject,
  ListRunsQuery,
  ModelList,
  Page,
  PlanStats,
  PromptDetail,
  PromptListItem,
  RankedToolItem,
  Readiness,
  RenderedPrompt,
  RenderPromptRequest,
  RunAccepted,
  RunCompositionRequest,
  RunEvent,
  RunListItem,
  RunResponse,
  Schedule,
  SelectorStrategy,
  StatsQuery,
  StepView,
  ToolListItem,
  ToolManifest,
  ToolStats,
  TraceRow,
  UsageReport,
} from '@planyard/contracts';
import type { z } from 'zod';
import type { FollowOptions } from './follow-run.ts';
import type { UploadFile } from './multipart.ts';

/** Where a page begins, and how long it is. A type, so that it passes as a query. */
type PageOptions = { limit?: number; cursor?: string };

export interface ImportOptions {
  /** What the files hold, where their columns do not tell. */
  kind?: 'items' | 'relations' | 'metrics' | 'events' | 'backstage';
  /** Entities of earlier Backstage catalogs that none of these holds are removed. */
  replace?: boolean;
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
      said?: { comment?: string | undefined; call?: string | undefined; args?: JsonObject | undefined },
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
  /** What models were used, and what they and tools cost. For the next page, name the `from` and `to` that this one says. */
  usage(
    query?: PageOptions & {
      /** Of day, kind, model, tool, agent, key, tag, with commas. */
      by?: string;
      from?: string;
      to?: string;
      /** `model` or `tool`. */
      kind?: string;
      model?: string;
      tool?: string;
      agent?: string;
      key?: string;
      tag?: string;
    },
  ): Promise<UsageReport>;
  /** Which dependency of the gateway is down, if any. */
  ready(): Promise<Readiness>;
}
