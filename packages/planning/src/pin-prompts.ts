import type { Fault } from '@planyard/contracts';
import { versionOf } from './prompt.ts';
import type { PromptRegistry } from './registry.ts';

/** Versions by prompt, instead of the current ones. */
export type PromptPins = Readonly<Record<string, string>>;

/** The prompts with these versions in place of the current ones. */
export function pinPrompts<T extends Pick<PromptRegistry, 'render'>>(prompts: T, pins: PromptPins): T {
  const pinned = (name: string) => (Object.hasOwn(pins, name) ? pins[name] : undefined);
  return {
    ...prompts,
    render: (name, values, version = pinned(name)) => prompts.render(name, values, version),
  };
}

/** The pins of prompts and versions that are not there. */
export function faultsOfPins(prompts: Pick<PromptRegistry, 'list'>, pins: PromptPins): Fault[] {
  const all = prompts.list();
  return Object.entries(pins).flatMap(([name, id]) => {
    const path = `options.prompts.${name}`;
    const prompt = all.find((each) => each.name === name);
    if (!prompt) return [{ path, message: `there is no prompt named ${name}` }];
    if (versionOf(prompt, id)) return [];
    const ids = prompt.versions.map((version) => version.id).join(', ');
    return [{ path, message: `prompt ${name} has no version ${id}; there are: ${ids}` }];
  });
}
