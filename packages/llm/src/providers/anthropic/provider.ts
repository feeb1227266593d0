import type { Provider } from '../../contract.ts';
import { claudeTraits } from '../claude.ts';
import { keepsTo } from '../claude-schema.ts';
import { loadedOnUse } from '../loaded-on-use.ts';
import type { AnthropicOptions } from './client.ts';

/** Anthropic's Messages API. */
export function createAnthropic(options: AnthropicOptions): Provider {
  return loadedOnUse(
    {
      name: options.name,
      protocol: 'anthropic',
      native_output: (model, { output }) => keepsTo(claudeTraits(model), output),
    },
    async () => (await import('./client.ts')).openAnthropic(options),
  );
}
