import type { Provider } from '../../contract.ts';
import { claudeTraits } from '../claude.ts';
import { keepsTo } from '../claude-schema.ts';
import { loadedOnUse } from '../loaded-on-use.ts';
import type { BedrockOptions } from './client.ts';

/** AWS Bedrock: conversations by Converse and ConverseStream, embeddings of Titan models by InvokeModel. */
export function createBedrock(options: BedrockOptions): Provider {
  return loadedOnUse(
    {
      name: options.name,
      protocol: 'bedrock',
      native_output: (model, { output }) =>
        model.includes('anthropic.claude') && keepsTo(claudeTraits(model), output),
    },
    async () => (await import('./client.ts')).openBedrock(options),
  );
}
