import type { Logger } from '@planyard/runtime';
import type { RequestHandler, Response } from 'express';
import type { HttpMetrics } from './http-metrics.ts';
import { requestIdOf } from './request-id.ts';
import { endUnread } from './slow-body.ts';

export interface RequestLocals {
  requestId: string;
  log: Logger;
  signal: AbortSignal;
}

/** What `nameRequest` put on the response. */
export function requestContext(res: Response): RequestLocals {
  return res.locals.context as RequestLocals;
}

/** Gives every request its id, its logger and a signal that aborts when the client leaves; logs and counts its end. */
export function nameRequest(deps: {
  log: Logger;
  metrics: HttpMetrics;
  now: () => number;
  closing: AbortSignal;
  settings: { bodyTimeoutMs: number };
}): RequestHandler {
  return (req, res, next) => {
    const startedAt = deps.now();
    const requestId = requestIdOf(req.get('x-request-id'));
    const left = new AbortController();
    const log = deps.log.child({ request_id: requestId });
    const locals: RequestLocals = { requestId, log, signal: AbortSignal.any([left.signal, deps.closing]) };
    res.locals.context = locals;
    res.set('X-Request-ID', requestId);
    res.once('close', () => {
      left.abort();
      endUnread(req, deps.settings.bodyTimeoutMs);
      const durationMs = deps.now() - startedAt;
      const route: string = res.locals.route ?? 'none';
      deps.metrics.observe(req.method, route, res.statusCode, durationMs / 1000);
      const fields = {
        method: req.method,
        route,
        status: res.statusCode,
        duration_ms: durationMs,
        completed: res.writableFinished,
        ...(typeof res.locals.runId === 'string' ? { run_id: res.locals.runId } : {}),
      };
      if (route === '/healthz' || route === '/readyz') log.debug(fields, 'request');
      else log.info(fields, 'request');
    });
    next();
  };
}
