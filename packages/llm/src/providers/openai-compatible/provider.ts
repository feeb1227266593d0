import { OpenAI } from 'openai';
import { Agent, fetch as undiciFetch } from 'undici';
import type { ChatEvent, ChatRequest, Provider } from '../../contract.ts';
import { fromSdkError } from './errors.ts';
import { toParams } from './messages.ts';
import { toChatEvents } from './stream.ts';

export interface OpenAiCompatibleOptions {
  name: string;
  base_url: string;
  /** null for servers that want none. */
  api_key: string | null;
  connect_timeout_ms: number;
}

/** Any endpoint that speaks OpenAI's chat completions: OpenAI, OpenRouter, vLLM, Ollama. */
export function createOpenAiCompatible(options: OpenAiCompatibleOptions): Provider {
  const client = new OpenAI({
    apiKey: options.api_key ?? 'none',
    baseURL: options.base_url,
    // Retries and all other timeouts are policies of ours; the SDK's and undici's own would fight them.
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
    logLevel: 'off',
    organization: null,
    project: null,
    // The types of undici's fetch and of the global one differ in name only.
    fetch: undiciFetch as unknown as typeof fetch,
    fetchOptions: {
      dispatcher: new Agent({
        connect: { timeout: options.connect_timeout_ms },
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
    },
  });

  async function* chat(model: string, request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatEvent> {
    try {
      const chunks = await client.chat.completions.create(toParams(model, request), { signal });
      yield* toChatEvents(endsWithAbort(chunks, signal));
    } catch (thrown) {
      throw fromSdkError(thrown, options.name, signal);
    }
  }

  async function models(signal: AbortSignal): Promise<string[]> {
    try {
      const page = await client.models.list({ signal });
      return page.data.map((model) => model.id);
    } catch (thrown) {
      throw fromSdkError(thrown, options.name, signal);
    }
  }

  return { name: options.name, chat, models };
}

/** The SDK ends an aborted stream silently, as if it were whole. */
async function* endsWithAbort<T>(chunks: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  yield* chunks;
  signal.throwIfAborted();
}
