// The door of planning: prompts and the tool selector; reads no file itself.
export type { Agent } from './agents/agent.ts';
export { sourcesOfAgent, toolsOfAgent } from './agents/agent-tools.ts';
export { agentsCheck } from './agents/agents-check.ts';
export { BLUEPRINTS, type Blueprint } from './agents/blueprint.ts';
export { FALLBACK_AGENT, fittingAgents } from './agents/fitting-agents.ts';
export { intentRulesOf } from './agents/intent-rules.ts';
export { primaryOf } from './compositions/composition.ts';
export {
  type CompositionTool,
  compositionTools,
  plannableTools,
  toolsOf,
} from './compositions/composition-tools.ts';
export { parametersSchema } from './compositions/parameters.ts';
export { type Compositions, startCompositions } from './compositions/start-compositions.ts';
export { traceOfSteps } from './compositions/trace-of-steps.ts';
export { broadPlan, mergeContext, planContext, toolsOfAttempt } from './context/plan-context.ts';
export { stageTools } from './context/stage-tools.ts';
export { detectIntents, type IntentRule, type IntentRules, intentsOf } from './intents.ts';
export { type LiveFigures, liveFiguresOf } from './live-figures.ts';
export { outputTexts } from './output-texts.ts';
export { faultsOfPins, pinPrompts } from './pin-prompts.ts';
export { type Prompt, type PromptValue, type PromptVersion, versionOf } from './prompt.ts';
export { type RankedTool, type RankRequest, rankTools } from './rank.ts';
export type { PromptRegistry, RenderedPrompt } from './registry.ts';
export { divideSteps } from './rerun/divide-steps.ts';
export { resolveStep } from './rerun/resolve-step.ts';
export { type StartedPrompts, startPrompts } from './start-prompts.ts';
export { type ChosenTables, createTableDigester, type TableDigester } from './tables/choose-tables.ts';
export { type CountTokens, createDigester, type Digester, type ToolDigest } from './tools/choose-tools.ts';
export { keepRelatedWords } from './tools/related-words.ts';
export type { ShortlistedTool } from './tools/shortlist.ts';
export { stemsOf } from './tools/terms.ts';
export { createToolSelector, type SelectRequest, type SelectTools } from './tools/tool-selector.ts';
export { createToolVectors, type Embed, type ToolVectors } from './tools/tool-vectors.ts';
export { contentWords, singular, wordsOf } from './words.ts';
