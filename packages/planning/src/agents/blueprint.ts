import { AgentName, PlanyardError } from '@planyard/contracts';
import { z } from 'zod';
import { type Prompt, promptFields, refuseFile, toPrompt } from '../prompt.ts';

/** Where blueprints lie under the directory of the prompts, and the beginning of their prompts' names. */
export const BLUEPRINTS = 'blueprints/';

/** Agents under a supervisor, whose prompt is `blueprints/<name>`. */
export interface Blueprint {
  name: string;
  description: string;
  agents: string[];
  prompt: Prompt;
}

const BlueprintFile = z.strictObject({
  ...promptFields,
  name: AgentName,
  agents: z.array(AgentName).min(1),
});

/** Reads a blueprint's file: a prompt without variables, and the names of its agents. Throws `invalid_config` with the file and every fault in it. */
export function parseBlueprint(raw: unknown, file: string): Blueprint {
  const parsed = BlueprintFile.safeParse(raw);
  if (!parsed.success) throw refuseFile(file, 'a blueprint', parsed.error);
  const { agents, name, ...rest } = parsed.data;
  if (Object.keys(rest.variables).length > 0)
    throw new PlanyardError(
      'invalid_config',
      `${file} is not a blueprint: variables: a supervisor's prompt has none`,
    );
  const prompt = toPrompt({ ...rest, name: `${BLUEPRINTS}${name}` }, file);
  return { name, description: rest.description, agents, prompt };
}
