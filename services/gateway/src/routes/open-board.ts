import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import type { Express } from 'express';

/** Bull Board as it is, below `path`. Loaded when an operator asks for it first. */
export function openBoard(path: string, queues: Queue[], readOnly: boolean): Express {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: readOnly })),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Planyard' } },
  });
  return withoutForeignLinks(serverAdapter.getRouter() as Express);
}

/** The board's page asks another host for a font, which our content security policy refuses: it is not asked for. */
function withoutForeignLinks(board: Express): Express {
  const render = board.render.bind(board);
  board.render = (name: string, options?: object, done?: (error: Error, html: string) => void) =>
    render(name, options, (error, html) =>
      done?.(error, error ? html : html.replaceAll(/<link [^>]*https:[^>]*>/g, '')),
    );
  return board;
}
