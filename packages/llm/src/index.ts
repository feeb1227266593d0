// The door of the model layer.

export { type ModelSource, openModelSource } from './config/model-source.ts';
export { BudgetsConfig } from './config/models-config.ts';
export { parseConfigFile } from './config/parse-config-file.ts';
export type { Price } from './config/price.ts';
export { readSecret, SecretRef } from './config/secret.ts';
export { DEFAULT_TIMEOUTS, type OwnTimeouts, type Timeouts } from './config/timeouts.ts';
export type {
  ChatContent,
  ChatEvent,
  ChatMessage,
  ChatPart,
  ChatRequest,
  Embeddings,
  EmbedRequest,
  FinishReason,
  MoreFields,
  OutputSpec,
  Protocol,
  Provider,
  RawPiece,
  RawRequest,
  Reasoning,
  ReasoningEffort,
  ToolCall,
  ToolCallDelta,
  ToolChoice,
  ToolSpec,
} from './contract.ts';
export { ProviderEnv } from './discover-providers.ts';
export { type ExaminedModels, examineModels } from './examine-models.ts';
export type { LlmLog } from './log.ts';
export { createLlmMetrics, type LlmMetrics } from './metrics.ts';
export type { CallContext, ChatCall, StreamCall } from './model-call.ts';
export { ModelError, type ModelErrorKind } from './model-error.ts';
export { formatModelName, type ModelName, parseModelName } from './model-name.ts';
export { createModels, type Models, type ModelsDeps } from './models.ts';
export type { BreakerState } from './policies/breakers/breakers.ts';
export type { BudgetScope } from './policies/budgets.ts';
export { mayKeep } from './policies/cache/kept-replies.ts';
export { questionOf } from './policies/cache/similar-questions.ts';
export type { Kept } from './policies/cache/with-cache.ts';
export { chatDemand, type Demand, embedDemand } from './policies/demand.ts';
export type { LimitStanding } from './policies/limits.ts';
export { CHAT_METER, EMBED_METER, type Meter } from './policies/meter.ts';
export type { Target } from './policies/targets.ts';
export { PRICES } from './price-table.ts';
export type { PriceTable } from './prices.ts';
export type { AnthropicOptions } from './providers/anthropic/client.ts';
export { createAnthropic } from './providers/anthropic/provider.ts';
export type { BedrockOptions } from './providers/bedrock/client.ts';
export { createBedrock } from './providers/bedrock/provider.ts';
export { createOllama, type OllamaOptions } from './providers/ollama/provider.ts';
export type { OpenAiCompatibleOptions } from './providers/openai-compatible/client.ts';
export { createOpenAiCompatible } from './providers/openai-compatible/provider.ts';
export type { LlmRedis } from './redis/connection.ts';
export { type ModelSettings, modelSettings } from './settings.ts';
export { type StartedModels, startModels } from './start-models.ts';
export { countTokens } from './tokens/count-tokens.ts';
export { requestTokens } from './tokens/request-tokens.ts';
export { createToolBudgets, type ToolBudgets } from './tool-budgets.ts';
