import { LONGEST_TIMER_MS } from '@planyard/contracts';
import { OpenAI } from 'openai';
import type { ChatEvent, ChatRequest, EmbedRequest } from '../../contract.ts';
import type { Connection, ConnectionOptions } from '../connection.ts';
import type { ProviderCalls } from '../loaded-on-use.ts';
import { toEmbeddings, toEmbedParams } from './embeddings.ts';
import { fromSdkError } from './errors.ts';
import { isJson } from './is-json.ts';
import { type LimitField, toParams } from './messages.ts';
import { asChunk, toChatEvents } from './stream.ts';

export interface OpenAiCompatibleOptions extends ConnectionOptions {
  name: string;
  base_url: string;
  /** null for servers that want none. */
  api_key: string | null;
  /** false: it has no JSON by schema, or does not keep to it. */
  json_schema?: boolean;
}

/** OpenAI's SDK with its own retries and timeouts off: those are policies of ours. */
export function openOpenAiCompatible(
  options: OpenAiCompatibleOptions,
  connection: Connection,
  limitField: LimitField,
): ProviderCalls {
  const client = new OpenAI({
    apiKey: options.api_key ?? 'none',
    baseURL: options.base_url,
    maxRetries: 0,
    timeout: LONGEST_TIMER_MS,
    logLevel: 'off',
    organization: null,
    project: null,
    fetch: connection.fetch,
  });
  async function* chat(
    model: string,
    request: ChatRequest,
    signal: AbortSignal,
    onPiece?: () => void,
  ): AsyncIterable<ChatEvent> {
    const params = toParams(model, request, limitField);
    const how = { signal, fetchOptions: connection.within(request.connect_ms) };
    try {
      if (params.stream) {
        const { data, response } = await client.chat.completions.create(params, how).withResponse();
        // Some servers answer so with an error, and status 200.
        const chunks = isJson(response.headers.get('content-type'))
          ? [asChunk(options.name, (await response.json()) as OpenAI.ChatCompletion)]
          : endsWithAbort(data, signal);
        yield* toChatEvents(chunks, onPiece, request.live_calls);
      } else {
        const completion = await client.chat.completions.create(params, how);
        yield* toChatEvents([asChunk(options.name, completion)]);
      }
    } catch (thrown) {
      throw fromSdkError(thrown, options.name, signal);
    }
  }

  async function asked<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      throw fromSdkError(thrown, options.name, signal);
    }
  }

  const models = (signal: AbortSignal) =>
    asked(async () => (await client.models.list({ signal })).data.map((model) => model.id), signal);

  return {
    chat,
    embed: (model: string, request: EmbedRequest, signal: AbortSignal) =>
      asked(
        async () =>
          toEmbeddings(
            await client.embeddings.create(toEmbedParams(model, request), {
              signal,
              fetchOptions: connection.within(request.connect_ms),
            }),
            request.input.length,
          ),
        signal,
      ),
    models,
    health: async (signal) => void (await models(signal)),
    close: connection.close,
  };
}

/** The SDK ends an aborted stream silently, as if it were whole. */
async function* endsWithAbort<T>(chunks: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  yield* chunks;
  signal.throwIfAborted();
}
