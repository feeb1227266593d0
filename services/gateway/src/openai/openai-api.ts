import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { PlanyardError } from '@planyard/contracts';
import { ModelError } from '@planyard/llm';
import type { Logger } from '@planyard/runtime';
import { type Authenticate, secretOf } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import { type RateLimit, userSubject } from '../auth/rate-limit.ts';
import type { BeginBody } from '../http/body-room.ts';
import { clientNetwork } from '../http/client-address.ts';
import type { HttpMetrics } from '../http/http-metrics.ts';
import type { Idempotency } from '../http/idempotency.ts';
import { errorAtTheDoor } from '../http/problem-reply.ts';
import { requestIdOf } from '../http/request-id.ts';
import { endUnread } from '../http/slow-body.ts';
import { within } from '../http/within.ts';
import { callOptionsOf } from './call-options.ts';
import type { Exchange, ReplyHeaders } from './exchange.ts';
import { requireRoom, showRefusal } from './limit-headers.ts';
import { readBody } from './read-body.ts';
import { sendError } from './reply.ts';

/** One path of the OpenAI-compatible API. */
export interface Endpoint {
  method: 'GET' | 'POST';
  /** As OpenAPI writes it; `{id}` may hold slashes, since models' names do. */
  path: string;
  answer(exchange: Exchange): Promise<void>;
}

export interface OpenAiApiDeps {
  endpoints: Endpoint[];
  authenticate: Authenticate;
  /** Of requests without a valid key, by address. */
  addressLimit: RateLimit;
  /** Of requests with one, by user. */
  callLimit: RateLimit;
  idempotency: Idempotency;
  log: Logger;
  metrics: HttpMetrics;
  now: () => number;
  trustedProxies: number;
  /** In which a body must come. */
  bodyTimeoutMs: number;
  beginBody: BeginBody;
}

/** What OpenAI's API has below `/v1/`, of which Planyard answers a part; its clients read errors in its shape alone. A conversation itself is Planyard's, but nobody begins one. */
const OF_OPENAI =
  /^\/v1\/(conversations$|(assistants|audio|batches|chat|chatkit|completions|containers|edits|embeddings|engines|evals|files|fine_tuning|graders|images|models|moderations|organization|projects|realtime|responses|skills|threads|uploads|vector_stores|videos)(\/|$))/;

/**
 * The OpenAI-compatible API in front of the Express application: its requests are many and small beside what they ask for, and
 * Express would cost them more CPU than all else here together. `other` gets every path that is not its own.
 */
export function createOpenAiApi(deps: OpenAiApiDeps, other: RequestListener): RequestListener {
  const routes = deps.endpoints.map((endpoint) => ({
    ...endpoint,
    prefix: endpoint.path.replace('{id}', ''),
    whole: !endpoint.path.endsWith('{id}'),
  }));

  function routeOf(path: string) {
    const known = routes.filter((each) =>
      each.whole ? path === each.path : path.startsWith(each.prefix) && path.length > each.prefix.length,
    );
    return known.length === 0 && !OF_OPENAI.test(path) ? null : known;
  }

  return (req, res) => {
    const url = req.url ?? '/';
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    const known = routeOf(path);
    if (known === null) {
      other(req, res);
      return;
    }
    const startedAt = deps.now();
    const requestId = requestIdOf(headerOf(req, 'x-request-id'));
    const left = new AbortController();
    const route = known[0]?.path ?? 'none';
    const headers: ReplyHeaders = { 'X-Request-ID': requestId, 'X-Content-Type-Options': 'nosniff' };
    res.once('close', () => {
      if (!res.writableFinished) left.abort();
      endUnread(req, deps.bodyTimeoutMs);
      const durationMs = deps.now() - startedAt;
      deps.metrics.observe(req.method ?? '', route, res.statusCode, durationMs / 1000);
      // Calls that went well are in the records of model calls; a line for each would cost as much as the rest of it.
      const level = res.statusCode < 400 && res.writableFinished ? 'debug' : 'info';
      deps.log[level](
        {
          request_id: requestId,
          method: req.method,
          route,
          status: res.statusCode,
          duration_ms: durationMs,
          completed: res.writableFinished,
        },
        'request',
      );
    });
    const fail = (thrown: unknown) => {
      const error = errorAtTheDoor(thrown);
      if (error.status >= 500 && error.code === 'internal')
        deps.log.error({ err: thrown, request_id: requestId, route }, 'request failed');
      if (error instanceof ModelError && error.standing) showRefusal(headers, error.standing, deps.now());
      sendError({ res, headers }, error);
      // What is left of a body that nobody reads would hold the connection.
      if (!req.complete) req.resume();
    };
    serve(req, res, known, path, { headers, requestId, signal: left.signal })
      .catch(fail)
      // Without a listener this would end the process, and every other request with it.
      .catch((thrown: unknown) => {
        deps.log.error({ err: thrown, request_id: requestId, route }, 'the error could not be told');
        res.destroy();
      });
  };

  async function serve(
    req: IncomingMessage,
    res: ServerResponse,
    known: typeof routes,
    path: string,
    { headers, requestId, signal }: Pick<Exchange, 'headers' | 'requestId' | 'signal'>,
  ): Promise<void> {
    if (known.length === 0)
      throw new PlanyardError('unknown_path', 'There is no such path; /docs lists what there is');
    // Node sends no body in answer to HEAD.
    const method = req.method === 'HEAD' ? 'GET' : req.method;
    const endpoint = known.find((each) => each.method === method);
    if (!endpoint) {
      headers.Allow = allowed(known);
      if (method !== 'OPTIONS') throw new PlanyardError('method_not_allowed');
      res.writeHead(204, headers).end();
      return;
    }
    const principal = await admit(req, headers);
    const options = callOptionsOf(req.headers);
    const body =
      endpoint.method === 'POST'
        ? await readBody(req, deps.bodyTimeoutMs, deps.beginBody(res, userSubject(principal)))
        : Buffer.alloc(0);
    const exchange: Exchange = {
      req,
      res,
      headers,
      requestId,
      principal,
      options,
      log: deps.log,
      signal,
      body,
      rest: endpoint.whole ? '' : decoded(path.slice(endpoint.prefix.length)),
    };
    if (options.idempotencyKey === null) await endpoint.answer(exchange);
    else await answerOnce(endpoint, exchange, options.idempotencyKey);
  }

  async function answerOnce(endpoint: Endpoint, exchange: Exchange, key: string): Promise<void> {
    const { res, headers, principal, options, body } = exchange;
    const subject = `${principal.tenant}:${principal.user}`;
    const request = [endpoint.path, options.route ?? '', body];
    const begun = await within(2_000, 'Redis', deps.idempotency.begin(subject, key, request));
    if ('body' in begun) {
      res.writeHead(begun.status, { ...headers, ...begun.headers, 'Idempotency-Replayed': 'true' });
      res.end(begun.body);
      return;
    }
    try {
      const keep: Exchange['keep'] = (type, pieces) =>
        begun.keep({
          status: 200,
          headers: { 'Content-Type': type },
          body: Buffer.concat(pieces.map((piece) => Buffer.from(piece))),
        });
      await endpoint.answer({ ...exchange, keep });
    } finally {
      await begun.end();
    }
  }

  async function admit(req: IncomingMessage, headers: ReplyHeaders): Promise<Principal> {
    const secret = secretOf(req.headers.authorization);
    const principal = secret === null ? null : await deps.authenticate(secret);
    if (principal) {
      requireRoom(headers, await deps.callLimit.count(`${principal.tenant}:${principal.user}`), deps.now());
      return principal;
    }
    requireRoom(
      headers,
      await deps.addressLimit.count(`address:${clientNetwork(req, deps.trustedProxies)}`),
      deps.now(),
    );
    throw new PlanyardError(
      'unauthorized',
      secret === null ? 'No API key was sent' : 'The API key is unknown, revoked or expired',
    );
  }
}

function allowed(known: Endpoint[]): string {
  const methods = known.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return ['OPTIONS', ...methods].join(', ');
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new PlanyardError('not_found', undefined, { cause });
  }
}
