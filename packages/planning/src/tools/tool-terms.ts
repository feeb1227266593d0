import type { ToolManifest } from '@planyard/contracts';
import type { FieldTerms } from './lexical-scores.ts';
import { rememberTerms } from './terms.ts';
import { type ToolText, textOfTool } from './tool-text.ts';

/** The terms of a tool by where they stand. */
export type ToolTerms = FieldTerms<keyof ToolText>;

/** The terms of tools, in their order. A manifest's are kept for as long as it is in use: of thousands of tools few are new when a catalogue changes. */
export function keepToolTerms(): (tools: readonly ToolManifest[]) => ToolTerms[] {
  const kept = new WeakMap<ToolManifest, ToolTerms>();
  return (tools) => {
    const terms = rememberTerms();
    return tools.map((tool) => {
      const known = kept.get(tool);
      if (known) return known;
      const { name, description, args, arg_texts, result, result_texts } = textOfTool(tool);
      const made = {
        name: terms(name),
        description: terms(description),
        args: terms(args),
        arg_texts: terms(arg_texts),
        result: terms(result),
        result_texts: terms(result_texts),
      };
      kept.set(tool, made);
      return made;
    });
  };
}
