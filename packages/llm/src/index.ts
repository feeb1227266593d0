// The door of the model layer.
export type {
  ChatContent,
  ChatEvent,
  ChatMessage,
  ChatPart,
  ChatRequest,
  Embeddings,
  EmbedRequest,
  FinishReason,
  OutputSpec,
  Protocol,
  Provider,
  Reasoning,
  ToolCall,
  ToolChoice,
  ToolSpec,
} from './contract.ts';
export { type Discovery, discoverProviders, type FoundProvider, ProviderEnv } from './discover-providers.ts';
export { createLlmMetrics, type LlmMetrics } from './metrics.ts';
export { ModelError, type ModelErrorKind } from './model-error.ts';
export { formatModelName, type ModelName, parseModelName } from './model-name.ts';
export { type ChatCall, createModels, type Models, type ModelsDeps } from './models.ts';
export {
  type BreakerSettings,
  type BreakerState,
  type Breakers,
  createBreakers,
  DEFAULT_BREAKER,
} from './policies/breakers.ts';
export { DEFAULT_RETRIES, type Retries } from './policies/retries.ts';
export { DEFAULT_TIMEOUTS, type Timeouts } from './policies/timeouts.ts';
export { PRICES, type Price, type PriceTable } from './prices.ts';
export {
  createOpenAiCompatible,
  type OpenAiCompatibleOptions,
} from './providers/openai-compatible/provider.ts';
