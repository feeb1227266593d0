import { ERROR_CODES, type ErrorCode, OpenAiError, Problem } from '@planyard/contracts';
import { createDocument, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { IdempotencyHeaders } from './http/answer-once.ts';
import type { ReplyDoc, RouteDoc } from './http/route.ts';

/** What can go wrong on every route that needs a key. */
const everywhere: ErrorCode[] = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'rate_limited',
  'unavailable',
];

/** OpenAPI 3.1 of the routes, generated from what registers them. */
export function openApiOf(routes: readonly RouteDoc[], version: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Planyard',
        version,
        description:
          'Ask a question; a planner turns it into a graph of tool calls; the answer comes back with its evidence, its cost and a trace. Errors are RFC 9457 problem details with a stable `code`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      security: [{ key: [] }],
      paths,
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An API key: `planyard keys create`' },
        },
      },
    },
    { allowEmptySchema: { any: true, unknown: true } },
  );
}

function operationOf(route: RouteDoc) {
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tag],
    ...(route.access === 'public'
      ? { security: [] }
      : { description: `Needs a key with the scope \`${route.access}\`.` }),
    requestParams: {
      ...(route.params ? { path: route.params } : {}),
      ...(route.query ? { query: route.query } : {}),
      ...headersOf(route),
    },
    ...requestBodyOf(route),
    responses: responsesOf(route),
  };
}

function headersOf({ method, access, headers, errorShape }: RouteDoc) {
  if (headers) return { header: headers };
  const keyed = method === 'post' && access !== 'public' && errorShape === undefined;
  return keyed ? { header: IdempotencyHeaders } : {};
}

function requestBodyOf({ body, stream }: RouteDoc) {
  if (body)
    return {
      requestBody: { required: body.required, content: { 'application/json': { schema: body.schema } } },
    };
  if (stream)
    return { requestBody: { required: true, content: { [stream.type]: { schema: stream.schema } } } };
  return {};
}

function responsesOf(route: RouteDoc): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, reply] of Object.entries(route.replies))
    responses[`${Number(status)}` as '200'] = { description: reply.description, ...contentOf(reply) };
  for (const [status, codes] of codesByStatus(route))
    responses[`${status}` as '400'] ??= {
      description: codes.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}`).join('. '),
      content:
        route.errorShape === 'openai'
          ? { 'application/json': { schema: OpenAiError } }
          : { 'application/problem+json': { schema: Problem } },
    };
  return responses;
}

function contentOf({ schema, also }: ReplyDoc) {
  const types = { ...(schema ? { 'application/json': schema } : {}), ...also };
  if (Object.keys(types).length === 0) return {};
  return { content: Object.fromEntries(Object.entries(types).map(([type, of]) => [type, { schema: of }])) };
}

function codesByStatus(route: RouteDoc): Map<number, ErrorCode[]> {
  const codes = route.access === 'public' ? [] : [...everywhere];
  if (route.method === 'post') codes.push('idempotency_mismatch', 'conflict');
  if (route.body)
    codes.push('malformed_json', 'request_timeout', 'payload_too_large', 'unsupported_media_type');
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...codes, ...(route.errors ?? [])])) {
    const { status } = ERROR_CODES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}
