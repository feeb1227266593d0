import type { PromptRegistry } from './registry.ts';

/** What the model layer tells models of the JSON that is wanted of them, by the prompts as they are when it is told. */
export function outputTexts(prompts: Pick<PromptRegistry, 'render'>) {
  return {
    asTool: () => prompts.render('output/as-tool', {}).text,
    asText: (schema: string) => prompts.render('output/as-text', { schema }).text,
    mend: (faults: string[]) => prompts.render('output/mend', { faults }).text,
  };
}
