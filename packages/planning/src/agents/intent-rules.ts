import { INTENTS, type IntentRules } from '../intents.ts';
import type { Agent } from './agent.ts';

/** What questions may want, as everybody knows it and as the agent adds. */
export function intentRulesOf({ intents }: Pick<Agent, 'intents'>): IntentRules {
  const own = Object.entries(intents).map(([name, { words, tools }]) => [name, { cues: words, tools }]);
  return { ...INTENTS, ...Object.fromEntries(own) };
}
