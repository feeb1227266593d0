import { PlanyardError } from '@planyard/contracts';
import { AGENTS, type Agent, parseAgent } from './agents/agent.ts';
import { BLUEPRINTS, type Blueprint, parseBlueprint } from './agents/blueprint.ts';
import { type Prompt, parsePrompt, parseYaml } from './prompt.ts';
import { faultOfVariables, type PromptsInUse } from './prompts-in-use.ts';

export interface PromptFile {
  path: string;
  text: string;
}

/** A prompt that holds, and the file it was read from. */
export interface LoadedPrompt {
  prompt: Prompt;
  path: string;
  /** What the prompt is of. */
  agent?: Agent;
  blueprint?: Blueprint;
}

export interface LoadedPrompts {
  byName: ReadonlyMap<string, LoadedPrompt>;
  /** One sentence for each file that is not as it should be. */
  faults: string[];
}

/** The prompts of these files. What a broken file held before stays, and so does a prompt in use whose file is gone. */
export function readPrompts(
  files: PromptFile[],
  before: LoadedPrompts['byName'],
  inUse: PromptsInUse,
): LoadedPrompts {
  const byName = new Map<string, LoadedPrompt>();
  const faults: string[] = [];
  const broken = new Set<string>();
  const refuse = (path: string, fault: string) => {
    broken.add(path);
    faults.push(fault);
  };

  const read: LoadedPrompt[] = [];
  for (const { path, text } of files) {
    try {
      const loaded = readFile(path, text);
      const fault = faultOfVariables(loaded.prompt, inUse);
      if (fault) refuse(path, `${path}: ${fault}`);
      else read.push(loaded);
    } catch (error) {
      if (!(error instanceof PlanyardError)) throw error;
      refuse(path, error.message);
    }
  }
  // Of two files with one name the one that had it before keeps it.
  const hadIt = ({ prompt, path }: LoadedPrompt) => before.get(prompt.name)?.path === path;
  for (const each of [...read.filter(hadIt), ...read.filter((other) => !hadIt(other))]) {
    const { name } = each.prompt;
    if (byName.has(name)) refuse(each.path, `${each.path}: there are two prompts named ${name}`);
    else byName.set(name, each);
  }
  for (const [name, was] of before) {
    if (byName.has(name)) continue;
    if (broken.has(was.path)) byName.set(name, was);
    else if (Object.hasOwn(inUse, name)) {
      byName.set(name, was);
      faults.push(`${was.path} no longer holds the prompt ${name}, which is in use as it was`);
    }
  }
  for (const name of Object.keys(inUse))
    if (!byName.has(name)) faults.push(`there is no prompt named ${name}`);
  for (const [name, { blueprint, path }] of byName)
    for (const agent of blueprint?.agents ?? [])
      if (!byName.has(`${AGENTS}${agent}`))
        faults.push(`${path}: blueprint ${name} names ${agent}, which is no agent`);
  return { byName, faults };
}

/** What a file holds, by the directory that it lies in. */
function readFile(path: string, text: string): LoadedPrompt {
  const raw = parseYaml(text, path);
  const place = path.replaceAll('\\', '/');
  if (place.startsWith(AGENTS)) {
    const agent = parseAgent(raw, path);
    return { prompt: agent.prompt, path, agent };
  }
  if (place.startsWith(BLUEPRINTS)) {
    const blueprint = parseBlueprint(raw, path);
    return { prompt: blueprint.prompt, path, blueprint };
  }
  return { prompt: parsePrompt(raw, path), path };
}
