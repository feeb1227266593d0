import type { Provider } from '../../contract.ts';
import { openConnection } from '../connection.ts';
import { loadedOnUse } from '../loaded-on-use.ts';
import type { OpenAiCompatibleOptions } from './client.ts';
import { createPassThrough } from './pass-through.ts';

/** Any endpoint that speaks OpenAI's chat completions: OpenAI, OpenRouter, vLLM. What is passed on as bytes needs no SDK. */
export function createOpenAiCompatible(options: OpenAiCompatibleOptions): Provider {
  const connection = openConnection(options.name, options);
  // OpenAI's reasoning models refuse the old name; other servers may not know the new one.
  const limitField =
    new URL(options.base_url).hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens';
  return {
    ...loadedOnUse(
      { name: options.name, protocol: 'openai', native_output: () => options.json_schema !== false },
      async () => (await import('./client.ts')).openOpenAiCompatible(options, connection, limitField),
    ),
    passThrough: createPassThrough({ ...options, connection, limit_field: limitField }),
    close: connection.close,
  };
}
