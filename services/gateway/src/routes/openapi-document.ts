import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.ts';

/** Serves the document, made at its first request. */
export function openApiRoute(makeDocument: () => unknown): Route {
  let document: unknown;
  return defineRoute({
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenApi',
    summary: 'This document',
    tag: 'Operation',
    access: 'public',
    replies: {
      200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.json()) },
    },
    async handle() {
      document ??= makeDocument();
      return { body: document };
    },
  });
}
