// The door of planning: prompts and the tool selector; pure.
export { detectIntents, INTENT_TOOLS, INTENTS, type Intent, intentsOf } from './intents.ts';
export { Prompt, type PromptValue, type PromptVersion } from './prompt.ts';
export { type LiveFigures, PRIOR_MS, type RankedTool, type RankRequest, rankTools } from './rank.ts';
export { createPromptRegistry, type PromptRegistry, type RenderedPrompt } from './registry.ts';
export { contentWords, singular, wordsOf } from './words.ts';
