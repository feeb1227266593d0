import { canonicalJson, type Json, PlanyardError } from '@planyard/contracts';
import type { Express, Request, Response } from 'express';
import { type Authenticate, secretOf } from '../auth/authenticate.ts';
import { isFromForeignPage } from '../auth/foreign-page.ts';
import { type Principal, requireScope } from '../auth/principal.ts';
import { type RateLimit, rateLimitHeaders, userSubject } from '../auth/rate-limit.ts';
import { type AnswerOnce, answerOnce } from './answer-once.ts';
import type { BeginBody } from './body-room.ts';
import { clientNetwork } from './client-address.ts';
import type { Idempotency } from './idempotency.ts';
import { jsonBody } from './json-body.ts';
import type { BeginLasting } from './lasting-requests.ts';
import type { Reply } from './reply.ts';
import { requestContext } from './request-context.ts';
import type { RawRequest, Route } from './route.ts';
import { within } from './within.ts';

export interface DoorDeps {
  authenticate: Authenticate;
  rateLimit: RateLimit;
  idempotency: Idempotency;
  now: () => number;
  trustedProxies: number;
  /** In which a body must come. */
  bodyTimeoutMs: number;
  beginBody: BeginBody;
  beginLasting: BeginLasting;
}

/** Milliseconds for a plain request; Redis' and Postgres' own limits are shorter. */
const patience = 10_000;

/** Registers every route of the table in the one order: key, rate limit, scope, body, idempotency key of a POST, handler. Another method on a known path is 405. */
export function registerRoutes(app: Express, routes: Route[], deps: DoorDeps): void {
  for (const route of routes) {
    const readBody = route.body ? jsonBody(route.body, deps.bodyTimeoutMs) : null;
    app[route.method](expressPath(route.path), async (req: Request, res: Response) => {
      const { requestId, log, signal: left } = requestContext(res);
      res.locals.route = route.path;
      const principal = route.access === 'public' ? null : await admit(req, res, deps);
      if (principal && route.access !== 'public') requireScope(principal, route.access);
      const lasts = route.timeoutMs === null && principal !== null;
      const signal = lasts ? AbortSignal.any([left, lasting(req, res, principal, deps)]) : left;
      const body = readBody ? await readBody(req, res, deps.beginBody(res, subjectOf(principal))) : undefined;
      const keyed = principal !== null && route.method === 'post' && route.idempotency !== 'own';
      const once = keyed ? answerOnce(req, principal, deps.idempotency) : unkeyed;
      const raw: RawRequest = {
        principal,
        requestId,
        log: principal ? log.child({ tenant: principal.tenant, user: principal.user }) : log,
        signal,
        req,
        res,
        params: req.params,
        query: req.query,
        body,
        once,
      };
      const timeoutMs = route.timeoutMs === undefined ? patience : route.timeoutMs;
      // Of a body that it reads itself the handler alone can say what makes two the same.
      const answer = route.stream
        ? route.answer(raw)
        : once(
            () => [canonicalJson((body ?? null) as Json)],
            () => route.answer(raw),
          );
      send(res, await (timeoutMs === null ? answer : within(timeoutMs, 'A dependency', answer)));
    });
  }
  for (const [path, methods] of methodsByPath(routes)) {
    app.all(expressPath(path), (req, res) => {
      res.locals.route = path;
      res.set('Allow', methods.join(', '));
      if (req.method !== 'OPTIONS') throw new PlanyardError('method_not_allowed');
      res.status(204).end();
    });
  }
}

function lasting(req: Request, res: Response, principal: Principal, deps: DoorDeps): AbortSignal {
  const secret = secretOf(req.headers.authorization);
  const isValid = async () => secret !== null && (await deps.authenticate(secret)) !== null;
  return deps.beginLasting(res, { subject: userSubject(principal), isValid });
}

/** Nobody's where no key is needed. */
function subjectOf(principal: Principal | null): string {
  return principal ? userSubject(principal) : '';
}

const unkeyed: AnswerOnce = (_request, answer) => answer();

/** Who asks. Counts the request on the user, or on the address when there is no valid key. */
export async function admit(
  req: Request,
  res: Response,
  deps: Pick<DoorDeps, 'authenticate' | 'rateLimit' | 'now' | 'trustedProxies'>,
): Promise<Principal> {
  if (isFromForeignPage(req))
    throw new PlanyardError(
      'unauthorized',
      'A page of another origin cannot use the key that the browser remembers',
    );
  const secret = secretOf(req.headers.authorization);
  const principal = secret === null ? null : await deps.authenticate(secret);
  const subject = principal ? userSubject(principal) : `address:${clientNetwork(req, deps.trustedProxies)}`;
  const counted = await deps.rateLimit.count(subject);
  res.set(rateLimitHeaders(counted, deps.now()));
  if (counted.exceeded)
    throw new PlanyardError('rate_limited', `${counted.limit} requests a minute are allowed`, {
      retryAfter: counted.resetS,
    });
  if (!principal)
    throw new PlanyardError(
      'unauthorized',
      secret === null ? 'No API key was sent' : 'The API key is unknown, revoked or expired',
    );
  return principal;
}

function send(res: Response, reply: Reply | null): void {
  if (reply === null || res.headersSent) return;
  res.status(reply.status ?? 200);
  if (reply.headers) res.set(reply.headers);
  if (reply.body === undefined) res.end();
  else res.json(reply.body);
}

/** `/v1/runs/{id}` as Express writes it: `/v1/runs/:id`. */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function methodsByPath(routes: Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const known = methods.get(path) ?? ['OPTIONS'];
    methods.set(path, [...known, ...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])]);
  }
  return methods;
}
