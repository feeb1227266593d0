import { AgentName, AgentSettings, PlanyardError } from '@planyard/contracts';
import { z } from 'zod';
import { type Prompt, promptFields, refuseFile, toPrompt } from '../prompt.ts';

/** Where agents lie under the directory of the prompts, and the beginning of their prompts' names. */
export const AGENTS = 'agents/';

/** An agent: what it is told is the prompt `agents/<name>`. */
export interface Agent extends AgentSettings {
  name: string;
  description: string;
  prompt: Prompt;
}

const AgentFile = z.strictObject({
  ...promptFields,
  name: AgentName,
  ...AgentSettings.shape,
});

/** Reads an agent's file: a prompt without variables, and the agent's settings. Throws `invalid_config` with the file and every fault in it. */
export function parseAgent(raw: unknown, file: string): Agent {
  const parsed = AgentFile.safeParse(raw);
  if (!parsed.success) throw refuseFile(file, 'an agent', parsed.error);
  const { name, description, variables, current, versions, ...settings } = parsed.data;
  if (Object.keys(variables).length > 0)
    throw new PlanyardError(
      'invalid_config',
      `${file} is not an agent: variables: an agent's prompt has none`,
    );
  const prompt = toPrompt({ name: `${AGENTS}${name}`, description, variables, current, versions }, file);
  return { name, description, prompt, ...settings };
}
