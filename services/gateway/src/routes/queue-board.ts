import { PlanyardError } from '@planyard/contracts';
import type { Express, RequestHandler } from 'express';
import type { GatewayDeps } from '../deps.ts';
import { admit, type DoorDeps } from '../http/register-routes.ts';

const path = '/admin/queues';

/**
 * Bull Board, for the operator alone: its queues hold the work of every tenant. A browser sends the key as the password
 * of HTTP Basic. Unless asked for, nothing there can be changed: the board's own read-only mode still lets a pause of all
 * queues through, so every other method is refused before it.
 */
export function registerQueueBoard(
  app: Express,
  deps: GatewayDeps,
  door: Pick<DoorDeps, 'authenticate' | 'rateLimit' | 'now' | 'trustedProxies'>,
): void {
  const readOnly = !deps.settings.bullBoardWrite;
  const guard: RequestHandler = async (req, res, next) => {
    res.locals.route = path;
    const principal = await admit(req, res, door).catch((error: unknown) => {
      if (error instanceof PlanyardError && error.code === 'unauthorized')
        res.set('WWW-Authenticate', 'Basic realm="planyard", charset="UTF-8"');
      throw error;
    });
    if (!principal.operator)
      throw new PlanyardError('forbidden', 'The queues need an admin key of the tenant default');
    if (readOnly && req.method !== 'GET' && req.method !== 'HEAD') {
      res.set('Allow', 'GET, HEAD');
      throw new PlanyardError(
        'method_not_allowed',
        'The board is read-only; BULL_BOARD_WRITE=true changes that',
      );
    }
    next();
  };
  let opened: Promise<Express> | undefined;
  app.use(path, guard, async (req, res, next) => {
    opened ??= import('./open-board.ts').then(({ openBoard }) => openBoard(path, deps.queues, readOnly));
    (await opened)(req, res, next);
  });
}
