// The door of the contracts: zod schemas are the only source of types.

export {
  AgentListItem,
  AgentName,
  AgentSettings,
  AgentStrategy,
  AgentToolSchema,
  BlueprintListItem,
} from './agent.ts';
export {
  AgentPage,
  AgentParams,
  BlueprintPage,
  ChatRequestBody,
  ConversationQuery,
  ConversationView,
} from './api/agents.ts';
export {
  CatalogPage,
  CatalogRefresh,
  CatalogSource,
  CatalogTableDetail,
  CatalogTableItem,
  ListCatalogQuery,
  RefreshCatalogRequest,
} from './api/catalog.ts';
export {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionEnvelope,
  type ChatCompletionMessage,
  ChatCompletionRequest,
  type CompletionUsage,
  type ReasoningDetail,
} from './api/chat-completions.ts';
export {
  CompositionListItem,
  CompositionPage,
  CompositionParams,
  RunCompositionRequest,
} from './api/compositions.ts';
export { EmbeddingsReply, EmbeddingsRequest } from './api/embeddings.ts';
export { Readiness } from './api/health.ts';
export { ImportedFile, ImportQuery, ImportReport } from './api/imports.ts';
export { ApiKey, CreatedKey, CreateKeyRequest, KeyPage, Scope } from './api/keys.ts';
export { ModelList, ModelListItem } from './api/models.ts';
export { OpenAiError } from './api/openai-error.ts';
export { type Page, PageQuery, pageOf } from './api/page.ts';
export { type PlanDimension, PlanStats, PlanStatsPage, PlansQuery } from './api/plans.ts';
export {
  GetPromptQuery,
  PromptDetail,
  PromptListItem,
  PromptPage,
  RenderedPrompt,
  RenderPromptRequest,
} from './api/prompts.ts';
export {
  ResponseEvent,
  ResponseInputItem,
  ResponseObject,
  type ResponseOutputItem,
  ResponsesRequest,
} from './api/responses.ts';
export {
  ApproveStepRequest,
  CreateRunRequest,
  DecideStepRequest,
  ListRunsQuery,
  RerunQuery,
  RerunRequest,
  RunAccepted,
  RunListItem,
  RunPage,
  StepPage,
} from './api/runs.ts';
export {
  CreateScheduleRequest,
  ListSchedulesQuery,
  Schedule,
  ScheduledRequest,
  SchedulePage,
} from './api/schedules.ts';
export { RankedToolItem, RankToolsQuery, ToolRankPage } from './api/tool-rank.ts';
export { ListToolsQuery, ToolListItem, ToolPage } from './api/tools.ts';
export { StatsPage, StatsQuery, ToolStats, TracePage, TraceQuery, TraceRow } from './api/trace.ts';
export { type UsageDimension, type UsageKind, UsageQuery, UsageReport, type UsageRow } from './api/usage.ts';
export { Budget, BudgetReport, Spending, StepBudget, Usage } from './budget.ts';
export {
  type Catalog,
  type CatalogColumn,
  CatalogTable,
  type ForeignKey,
  InventoryCatalog,
  SourceState,
  type TableCatalog,
} from './catalog.ts';
export {
  COLLECT_TOOL,
  COMPOSITION_TYPE,
  Composition,
  type CompositionParameter,
  CompositionResult,
  CompositionTrace,
  PARAMETERS,
  RESULTS,
} from './composition.ts';
export { type ConfigSection, sectionsOfOthers } from './config-sections.ts';
export { BROAD_INTENT, ContextPlan } from './context-plan.ts';
export { ERROR_CODES, type ErrorCode, type ErrorInfo } from './error-codes.ts';
export {
  ErrorBody,
  ErrorCodeSchema,
  Fault,
  faultsOf,
  isOfCircumstance,
  PlanyardError,
  type PlanyardErrorOptions,
  toPlanyardError,
} from './errors.ts';
export {
  EVENT_DATA,
  EVENT_TYPES,
  type EventData,
  type EventType,
  isRunEnd,
  ModelCall,
  RunEvent,
} from './event.ts';
export {
  attemptOf,
  ConversationId,
  newConversationId,
  newRunId,
  newScheduleId,
  oneLine,
  PlanStepId,
  RequestId,
  RunId,
  ScheduleId,
  StepId,
  stepId,
  Timestamp,
  uuidv7,
} from './ids.ts';
export { ImportKind, InventoryEvent, InventoryItem, InventoryRelation, MetricSample } from './inventory.ts';
export {
  FireScheduleJob,
  JOBS,
  type JobName,
  JoinRunJob,
  PersistRunJob,
  PlanRunJob,
  QUEUE_NAMES,
  QueueName,
  RunStepJob,
  SCHEDULE_QUEUE,
  toolQueue,
} from './jobs.ts';
export { canonicalJson, isDeeperThan, Json, JsonObject, jsonDepth } from './json.ts';
export { LIMITS, LONGEST_STEP_MS, LONGEST_TIMER_MS } from './limits.ts';
export { Complexity, ToolClass, ToolEffects, ToolManifest, ToolProfile } from './manifest.ts';
export { fitsPattern } from './name-pattern.ts';
export { OnError, Plan, PlanStep, Retry, StepTimeout, ToolName } from './plan.ts';
export { PlanInfo, PlanSource } from './plan-info.ts';
export { Problem } from './problem.ts';
export { isReference, Reference } from './reference.ts';
export { Citation, ModelUsage, RunResponse, StepSummary, UsedPrompt } from './response.ts';
export {
  Caller,
  HOUSE,
  isTerminal,
  Message,
  OPEN_STATUSES,
  RerunOf,
  RunOptions,
  RunOutcome,
  RunRecord,
  RunRequest,
  RunStatus,
  SelectorStrategy,
  TERMINAL_STATUSES,
  TerminalStatus,
} from './run.ts';
export {
  AdmittedStep,
  CitedRecord,
  Dispatch,
  RefusedStep,
  StepApproval,
  StepReason,
  StepStatus,
  StepView,
  StoredResult,
} from './step.ts';
export { BreakerState, ToolFigures } from './tool-figures.ts';
