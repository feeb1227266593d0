import { PlanyardError } from '@planyard/contracts';
import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';
import type { GatewayDeps } from './deps.ts';
import { lastingRequests } from './http/lasting-requests.ts';
import { errorAtTheDoor, sendProblem } from './http/problem-reply.ts';
import { registerRoutes } from './http/register-routes.ts';
import { nameRequest, requestContext } from './http/request-context.ts';
import { registerPages } from './pages/register-pages.ts';
import { registerQueueBoard } from './routes/queue-board.ts';
import { routeTable } from './routes/route-table.ts';

/** The gateway's Express application; whoever calls it listens. */
export function createApp(deps: GatewayDeps, version: string): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', deps.settings.trustedProxies);
  app.set('query parser', 'simple');
  app.use(nameRequest(deps));
  app.use(securityHeaders());

  const { authenticate, rateLimit, idempotency, now, beginBody } = deps;
  const { bodyTimeoutMs, streamsPerUser, trustedProxies } = deps.settings;
  const beginLasting = lastingRequests(streamsPerUser);
  const door = {
    authenticate,
    rateLimit,
    idempotency,
    now,
    trustedProxies,
    bodyTimeoutMs,
    beginBody,
    beginLasting,
  };
  registerRoutes(app, routeTable(deps, { version, forgetKeys: authenticate.forget }), door);
  registerQueueBoard(app, deps, door);
  registerPages(app);

  app.use(() => {
    throw new PlanyardError('unknown_path');
  });
  app.use(problems);
  return app;
}

function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Swagger UI and Bull Board set styles on elements and draw icons from data URLs.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
}

/** The one place where an error becomes a reply. What is a fault of ours is logged with its cause; the caller sees its code. */
const problems: ErrorRequestHandler = (thrown, req, res, _next) => {
  const { requestId, log } = requestContext(res);
  const error = errorAtTheDoor(thrown);
  if (error.status >= 500 && error.code !== 'overloaded')
    log.error({ err: thrown, route: res.locals.route, code: error.code }, 'request failed');
  sendProblem(res, error, requestId, req.path);
};
