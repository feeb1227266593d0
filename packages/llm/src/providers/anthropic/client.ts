import { Anthropic } from '@anthropic-ai/sdk';
import { LONGEST_TIMER_MS } from '@planyard/contracts';
import type { ChatEvent, ChatRequest } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { type ConnectionOptions, openConnection } from '../connection.ts';
import type { ProviderCalls } from '../loaded-on-use.ts';
import { fromSdkError } from './errors.ts';
import { toParams } from './messages.ts';
import { asStream, toChatEvents } from './stream.ts';

export interface AnthropicOptions extends ConnectionOptions {
  name: string;
  /** `https://api.anthropic.com`, or what stands in for it; without `/v1`. */
  base_url: string;
  api_key: string;
}

/** Anthropic's SDK with its own retries and timeouts off: those are policies of ours. */
export function openAnthropic(options: AnthropicOptions): ProviderCalls {
  const connection = openConnection(options.name, options);
  const client = new Anthropic({
    apiKey: options.api_key,
    baseURL: options.base_url,
    maxRetries: 0,
    timeout: LONGEST_TIMER_MS,
    logLevel: 'off',
    fetch: connection.fetch,
  });

  async function* chat(
    model: string,
    request: ChatRequest,
    signal: AbortSignal,
    onPiece?: () => void,
  ): AsyncIterable<ChatEvent> {
    const { body, headers } = toParams(model, request);
    const how = { signal, headers, fetchOptions: connection.within(request.connect_ms) };
    try {
      if (request.stream === false) {
        const message = await client.messages.create({ ...body, stream: false }, how);
        yield* toChatEvents(asStream(message));
      } else {
        const events = await client.messages.create({ ...body, stream: true }, how);
        yield* toChatEvents(endsWithAbort(events, signal), onPiece, request.live_calls);
      }
    } catch (thrown) {
      throw fromSdkError(thrown, options.name, signal);
    }
  }

  async function models(signal: AbortSignal): Promise<string[]> {
    try {
      const ids: string[] = [];
      for await (const model of client.models.list({ limit: 1000 }, { signal })) ids.push(model.id);
      return ids;
    } catch (thrown) {
      throw fromSdkError(thrown, options.name, signal);
    }
  }

  return {
    chat,
    embed: () => Promise.reject(new ModelError('bad_request', 'Anthropic has no embedding models')),
    models,
    health: async (signal) => void (await models(signal)),
    close: connection.close,
  };
}

/** The SDK ends an aborted stream silently, as if it were whole. */
async function* endsWithAbort<T>(events: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  yield* events;
  signal.throwIfAborted();
}
