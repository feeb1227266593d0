import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.ts';

/** Serves the document, made and written at its first request: anybody may ask for it, as often as they like. */
export function openApiRoute(makeDocument: () => unknown): Route {
  let document: Buffer | null = null;
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
    async handle({ res }) {
      document ??= Buffer.from(JSON.stringify(makeDocument()));
      res.type('json').send(document);
      return null;
    },
  });
}
