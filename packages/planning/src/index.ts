// The door of planning: prompts and the tool selector; reads no file itself.
export { detectIntents, INTENT_TOOLS, INTENTS, type Intent, intentsOf } from './intents.ts';
export { faultsOfPins, pinPrompts } from './pin-prompts.ts';
export { type Prompt, type PromptValue, type PromptVersion, versionOf } from './prompt.ts';
export { type LiveFigures, PRIOR_MS, type RankedTool, type RankRequest, rankTools } from './rank.ts';
export type { PromptRegistry, RenderedPrompt } from './registry.ts';
export { type StartedPrompts, startPrompts } from './start-prompts.ts';
export { contentWords, singular, wordsOf } from './words.ts';
