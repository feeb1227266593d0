import type { Provider } from '../../contract.ts';
import { claudeTraits } from '../claude.ts';
import type { ConnectionOptions } from '../connection.ts';
import { loadedOnUse } from '../loaded-on-use.ts';

export interface AnthropicOptions extends ConnectionOptions {
  name: string;
  /** `https://api.anthropic.com`, or what stands in for it; without `/v1`. */
  base_url: string;
  api_key: string;
}

/** Anthropic's Messages API. */
export function createAnthropic(options: AnthropicOptions): Provider {
  return loadedOnUse(
    { name: options.name, protocol: 'anthropic', native_output: (model) => claudeTraits(model).output },
    async () => (await import('./client.ts')).openAnthropic(options),
  );
}
