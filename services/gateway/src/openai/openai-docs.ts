import {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequest,
  EmbeddingsReply,
  EmbeddingsRequest,
  ModelList,
  ModelListItem,
  ResponseEvent,
  ResponseObject,
  ResponsesRequest,
} from '@planyard/contracts';
import { z } from 'zod';
import type { RouteDoc } from '../http/route.ts';
import { CallHeaders } from './call-options.ts';
import { MAX_BODY_BYTES } from './read-body.ts';

const post = {
  method: 'post',
  tag: 'Models',
  access: 'models:call',
  errorShape: 'openai',
  headers: CallHeaders,
  errors: ['unknown_model', 'model_failed', 'model_unavailable', 'budget_exceeded', 'timeout'],
} as const satisfies Partial<RouteDoc>;
const get = { method: 'get', tag: 'Models', access: 'models:call', errorShape: 'openai' } as const;
const bodyOf = (schema: z.ZodType) => ({ schema, required: true, limit: MAX_BODY_BYTES });

/** What `/openapi.json` says of the OpenAI-compatible API. */
export const openAiDocs: RouteDoc[] = [
  {
    ...post,
    path: '/v1/chat/completions',
    id: 'createChatCompletion',
    summary: 'Ask a model, a route of models, or Planyard itself',
    body: bodyOf(ChatCompletionRequest),
    replies: {
      200: {
        description: 'The reply, or its stream where `stream` is true',
        schema: ChatCompletion,
        also: { 'text/event-stream': ChatCompletionChunk },
      },
    },
  },
  {
    ...post,
    path: '/v1/responses',
    id: 'createResponse',
    summary: 'The same by the Responses API, without a memory of earlier responses',
    body: bodyOf(ResponsesRequest),
    replies: {
      200: {
        description: 'The response, or its events where `stream` is true',
        schema: ResponseObject,
        also: { 'text/event-stream': ResponseEvent },
      },
    },
  },
  {
    ...post,
    path: '/v1/embeddings',
    id: 'createEmbeddings',
    summary: 'Vectors of texts',
    body: bodyOf(EmbeddingsRequest),
    replies: { 200: { description: 'One vector a text', schema: EmbeddingsReply } },
  },
  {
    ...get,
    path: '/v1/models',
    id: 'listModels',
    summary: 'Models and routes that requests may name, with the state of their breakers',
    replies: { 200: { description: 'All of them', schema: ModelList } },
  },
  {
    ...get,
    path: '/v1/models/{id}',
    id: 'getModel',
    summary: 'One model or route',
    params: z.object({ id: z.string().meta({ description: 'May hold slashes' }) }),
    replies: { 200: { description: 'It', schema: ModelListItem } },
    errors: ['unknown_model'],
  },
];
