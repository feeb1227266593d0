import {
  type EmbeddingsReply,
  EmbeddingsRequest,
  type Fault,
  type JsonObject,
  LIMITS,
} from '@planyard/contracts';
import {
  EMBED_METER,
  type Embeddings,
  type EmbedRequest,
  embedDemand,
  type Kept,
  ModelError,
  type Models,
} from '@planyard/llm';
import { requireScope } from '../auth/principal.ts';
import { parseOr } from '../http/route.ts';
import { callOf, type RecordCall } from './call-of.ts';
import type { Endpoint } from './openai-api.ts';
import { parseJson } from './read-body.ts';
import { sendJson } from './reply.ts';

export function embeddings(deps: { models: Models; now: () => number; record: RecordCall }): Endpoint {
  return {
    method: 'POST',
    path: '/v1/embeddings',
    async answer(exchange) {
      requireScope(exchange.principal, 'models:call');
      const value = parseJson(exchange.body, LIMITS.embedding_values);
      const body = parseOr('invalid_request', EmbeddingsRequest, value, '');
      const request = toRequest(body);
      const replies = deps.models.stream<Embeddings>({
        ...callOf(deps, exchange, body.model, 'embed'),
        streaming: false,
        demand: embedDemand(request.input),
        meter: EMBED_METER,
        foreign: () => (areTexts(request.input) ? [] : [TOKENS]),
        input: () => request.input,
        params: () => request,
        kept: exchange.options.cache === 'off' ? null : keptEmbeddings(request),
        async *open({ provider, name }, signal) {
          yield await provider.embed(
            name.model,
            { ...request, connect_ms: exchange.options.timeouts.connect_ms },
            signal,
          );
        },
      });
      let reply: EmbeddingsReply | null = null;
      for await (const each of replies) reply = toReply(each, body);
      if (reply === null) throw new ModelError('bad_reply', 'the reply is empty');
      sendJson(exchange, reply);
    },
  };
}

/** Vectors of one text are the same each time. They are kept as 64-bit floats: as they came, in a third of the space. */
function keptEmbeddings(request: EmbedRequest): Kept<Embeddings> {
  return {
    key: () => ['embeddings', JSON.parse(JSON.stringify(request))],
    toJson: ({ vectors, usage }) => [
      vectors.map((vector) => Buffer.from(Float64Array.from(vector).buffer).toString('base64')),
      usage,
    ],
    fromJson(json) {
      const [vectors, usage] = json as [string[], Embeddings['usage']];
      return { vectors: vectors.map(floatsOf), usage };
    },
  };
}

function floatsOf(base64: string): number[] {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return [...new Float64Array(bytes.buffer)];
}

const TOKENS: Fault = { path: 'input', message: 'tokens in place of text' };

function areTexts(input: EmbedRequest['input']): boolean {
  return input.every((each) => typeof each === 'string');
}

/** The form of the vectors is ours to give. */
function toRequest({
  model: _,
  input,
  dimensions,
  encoding_format: _form,
  ...rest
}: EmbeddingsRequest): EmbedRequest {
  return {
    input: inputsOf(input),
    ...(dimensions == null ? {} : { dimensions }),
    extra: rest as JsonObject,
  };
}

/** One text, or the tokens of one, is a list of one. */
function inputsOf(input: EmbeddingsRequest['input']): EmbedRequest['input'] {
  if (typeof input === 'string') return [input];
  return typeof input[0] === 'number' ? [input as number[]] : (input as string[] | number[][]);
}

function toReply({ vectors, usage }: Embeddings, body: EmbeddingsRequest): EmbeddingsReply {
  const data = vectors.map((vector, index) => ({
    object: 'embedding' as const,
    index,
    embedding: body.encoding_format === 'base64' ? base64Of(vector) : vector,
  }));
  const used = usage?.input_tokens ?? 0;
  const tokens = {
    prompt_tokens: used,
    total_tokens: used,
    ...(usage?.estimated ? { estimated: true as const } : {}),
  };
  return { object: 'list', data, model: body.model, usage: tokens };
}

/** Little-endian 32-bit floats, as OpenAI's API sends them; its client asks for these by default. */
function base64Of(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
