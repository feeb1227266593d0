import type { OutputTexts } from '../policies/output/output-texts.ts';

/** Stands for the prompts of a service. */
export const OUTPUT_TEXTS: OutputTexts = {
  asTool: () => 'The answer.',
  asText: (schema) => `JSON by this schema: ${schema}`,
  mend: (faults) => `Faults: ${faults.join('; ')}`,
};
