import { PlanyardError } from '@planyard/contracts';
import type { Agent } from './agents/agent.ts';
import type { Blueprint } from './agents/blueprint.ts';
import { type Prompt, type PromptValue, renderPrompt, versionOf } from './prompt.ts';
import type { PromptsInUse } from './prompts-in-use.ts';
import { type PromptFile, readPrompts } from './read-prompts.ts';

/** A rendered prompt and what it was made from: `plan@2` in records of model calls. */
export interface RenderedPrompt {
  name: string;
  version: string;
  text: string;
  label: string;
}

export interface PromptRegistry {
  /** By name. */
  list(): Prompt[];
  /** Throws `not_found`. */
  get(name: string): Prompt;
  /** Renders the current version, or the one asked for. Throws `prompt_error` when there is none or a variable is wrong. */
  render(name: string, values: Record<string, PromptValue>, version?: string): RenderedPrompt;
  /** By name. */
  agents(): Agent[];
  blueprints(): Blueprint[];
  /** Takes the files as they are now; what a broken one held before stays in use. */
  update(files: PromptFile[]): void;
  /** What is wrong with the files as they were taken last. */
  faults(): string[];
}

/** A registry of the prompt files given. Throws `invalid_config` with every fault of theirs. */
export function createPromptRegistry(files: PromptFile[], inUse: PromptsInUse = {}): PromptRegistry {
  let loaded = readPrompts(files, new Map(), inUse);
  if (loaded.faults.length > 0) throw new PlanyardError('invalid_config', loaded.faults.join('; '));

  function get(name: string): Prompt {
    const found = loaded.byName.get(name);
    if (!found) throw new PlanyardError('not_found', `there is no prompt named ${name}`);
    return found.prompt;
  }
  return {
    list: () => [...loaded.byName.values()].map(({ prompt }) => prompt).sort(byName),
    get,
    render(name, values, id) {
      const prompt = get(name);
      const version = versionOf(prompt, id);
      if (!version) throw new PlanyardError('prompt_error', `prompt ${name} has no version ${id}`);
      const text = renderPrompt(prompt, version, values);
      return { name, version: version.id, text, label: `${name}@${version.id}` };
    },
    agents: () => [...loaded.byName.values()].flatMap(({ agent }) => agent ?? []).sort(byName),
    blueprints: () => [...loaded.byName.values()].flatMap(({ blueprint }) => blueprint ?? []).sort(byName),
    update(now) {
      loaded = readPrompts(now, loaded.byName, inUse);
    },
    faults: () => loaded.faults,
  };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
