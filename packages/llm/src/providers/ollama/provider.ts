import { z } from 'zod';
import type { ChatEvent, ChatRequest, Embeddings, EmbedRequest, Provider } from '../../contract.ts';
import { type ConnectionOptions, openConnection } from '../connection.ts';
import { defined } from '../defined.ts';
import { textsOf } from '../embed-texts.ts';
import { fromThrown } from '../failures.ts';
import { toEmbeddings } from './embeddings.ts';
import { refuse } from './errors.ts';
import { toBody } from './messages.ts';
import { toChatEvents } from './stream.ts';

export interface OllamaOptions extends ConnectionOptions {
  name: string;
  /** `http://localhost:11434`. */
  base_url: string;
  /** For an Ollama behind a proxy that wants one. */
  api_key?: string | null;
  /** How long a model stays loaded after a call: `10m`, seconds, or `-1` for ever; Ollama's own setting by default. */
  keep_alive?: string | number;
}

const ModelList = z.object({ models: z.array(z.object({ name: z.string() })) });

/** Ollama by its native API. */
export function createOllama(options: OllamaOptions): Provider {
  const connection = openConnection(options.name, options);
  const base = options.base_url.replace(/\/+$/, '');
  /** The context of each model that was asked for more than it has by itself. */
  const rooms = new Map<string, number>();
  const settings = defined({ keep_alive: keepAliveOf(options.keep_alive) });

  async function asked<T>(
    path: string,
    body: object | null,
    signal: AbortSignal,
    use: (reply: Response) => Promise<T>,
    connectMs?: number,
  ): Promise<T> {
    try {
      return await use(await send(path, body, signal, connectMs));
    } catch (thrown) {
      throw fromThrown(thrown, options.name, signal);
    }
  }

  async function send(
    path: string,
    body: object | null,
    signal: AbortSignal,
    connectMs: number | undefined,
  ): Promise<Response> {
    const reply = await connection.fetch(`${base}${path}`, {
      ...connection.within(connectMs),
      signal,
      headers: {
        'content-type': 'application/json',
        ...(options.api_key ? { authorization: `Bearer ${options.api_key}` } : {}),
      },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    });
    if (!reply.ok) await refuse(options.name, reply);
    return reply;
  }

  async function* chat(
    model: string,
    request: ChatRequest,
    signal: AbortSignal,
    onPiece?: () => void,
  ): AsyncIterable<ChatEvent> {
    const body = { ...toBody(model, request, rooms.get(model)), ...settings };
    if (body.options.num_ctx) rooms.set(model, body.options.num_ctx);
    try {
      yield* toChatEvents(
        (await send('/api/chat', body, signal, request.connect_ms)).body,
        options.name,
        onPiece,
      );
    } catch (thrown) {
      throw fromThrown(thrown, options.name, signal);
    }
  }

  return {
    name: options.name,
    protocol: 'ollama',
    // Its grammar of a format lets no call through.
    native_output: (_model, { tools, tool_choice }) => !tools?.length || tool_choice === 'none',
    chat,
    embed: (
      model: string,
      { input, dimensions, connect_ms }: EmbedRequest,
      signal: AbortSignal,
    ): Promise<Embeddings> =>
      asked(
        '/api/embed',
        // A text that is too long is an error, not silently cut.
        { model, input: textsOf(input, model), truncate: false, ...defined({ dimensions }), ...settings },
        signal,
        async (reply) => toEmbeddings(await reply.json(), input.length),
        connect_ms,
      ),
    models: (signal) =>
      asked('/api/tags', null, signal, async (reply) =>
        ModelList.parse(await reply.json()).models.map((model) => model.name),
      ),
    health: (signal) => asked('/api/version', null, signal, async (reply) => void (await reply.text())),
    close: connection.close,
  };
}

/** A number without a unit is no duration to Ollama where it comes as text. */
function keepAliveOf(given: string | number | undefined): string | number | undefined {
  return typeof given === 'string' && /^-?\d+$/.test(given.trim()) ? Number(given) : given;
}
