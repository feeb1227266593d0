import { type EmbeddingsReply, EmbeddingsRequest } from '@planyard/contracts';
import { type Embeddings, embedDemand, type Meter, ModelError, type Models } from '@planyard/llm';
import { requireScope } from '../auth/principal.ts';
import { parseOr } from '../http/route.ts';
import { callOf, type RecordCall } from './call-of.ts';
import type { Endpoint } from './openai-api.ts';
import { parseJson } from './read-body.ts';
import { sendJson } from './reply.ts';

const METER: Meter<Embeddings> = { usage: ({ usage }) => usage, text: () => '' };

export function embeddings(deps: { models: Models; now: () => number; record: RecordCall }): Endpoint {
  return {
    method: 'POST',
    path: '/v1/embeddings',
    async answer(exchange) {
      requireScope(exchange.principal, 'models:call');
      const body = parseOr('invalid_request', EmbeddingsRequest, parseJson(exchange.body), '');
      const request = {
        input: typeof body.input === 'string' ? [body.input] : body.input,
        ...(body.dimensions == null ? {} : { dimensions: body.dimensions }),
      };
      const replies = deps.models.stream<Embeddings>({
        ...callOf(deps, exchange, body.model, 'embed'),
        streaming: false,
        demand: embedDemand(request.input),
        meter: METER,
        input: () => request.input,
        async *open({ provider, name }, signal) {
          yield await provider.embed(name.model, request, signal);
        },
      });
      let reply: EmbeddingsReply | null = null;
      for await (const each of replies) reply = toReply(each, body);
      if (reply === null) throw new ModelError('bad_reply', 'the reply is empty');
      sendJson(exchange, reply);
    },
  };
}

function toReply({ vectors, usage }: Embeddings, body: EmbeddingsRequest): EmbeddingsReply {
  const data = vectors.map((vector, index) => ({
    object: 'embedding' as const,
    index,
    embedding: body.encoding_format === 'base64' ? base64Of(vector) : vector,
  }));
  const tokens = { prompt_tokens: usage.input_tokens, total_tokens: usage.input_tokens };
  return { object: 'list', data, model: body.model, usage: tokens };
}

/** Little-endian 32-bit floats, as OpenAI's API sends them; its client asks for these by default. */
function base64Of(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
