import { PlanyardError } from '@planyard/contracts';
import { type Prompt, type PromptValue, parsePrompt, renderPrompt, versionOf } from './prompt.ts';

/** A rendered prompt and what it was made from: `plan@2` in records of model calls. */
export interface RenderedPrompt {
  text: string;
  label: string;
}

export interface PromptRegistry {
  list(): Prompt[];
  get(name: string): Prompt;
  /** Renders the current version, or the one asked for. */
  render(name: string, values: Record<string, PromptValue>, version?: string): RenderedPrompt;
}

/** A registry of the prompt files given. Throws `invalid_config` for a broken file or two of one name. */
export function createPromptRegistry(files: { path: string; text: string }[]): PromptRegistry {
  const prompts = new Map<string, Prompt>();
  for (const file of files) {
    const prompt = parsePrompt(file.text, file.path);
    if (prompts.has(prompt.name))
      throw new PlanyardError('invalid_config', `${file.path}: there are two prompts named ${prompt.name}`);
    prompts.set(prompt.name, prompt);
  }
  function get(name: string): Prompt {
    const prompt = prompts.get(name);
    if (!prompt) throw new PlanyardError('not_found', `there is no prompt named ${name}`);
    return prompt;
  }
  return {
    list: () => [...prompts.values()],
    get,
    render(name, values, id) {
      const prompt = get(name);
      const version = versionOf(prompt, id);
      return { text: renderPrompt(prompt, version, values), label: `${name}@${version.id}` };
    },
  };
}
