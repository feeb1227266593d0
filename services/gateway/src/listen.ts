import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartupError } from '@planyard/runtime';
import { limitPipelines } from './http/pipelines.ts';
import { refuseBrokenRequests } from './http/refuse-broken-requests.ts';
import { endStalled } from './http/stalled-reply.ts';

export interface Listening {
  port: number;
  /** Takes no more requests and lets those in flight end, for the grace time at most. */
  close(graceMs: number): Promise<void>;
}

/** Serves HTTP. Throws StartupError when the port is taken. */
export async function listen(
  app: RequestListener,
  options: {
    host: string;
    port: number;
    /** In which a client must take some of its reply. */
    stalledMs: number;
  },
): Promise<Listening> {
  const limited = limitPipelines((req, res) => {
    endStalled(res, options.stalledMs);
    app(req, res);
  });
  // No limit on a whole request: an upload of 1 GiB takes what it takes. Headers must come at once.
  const server = createServer(
    { requestTimeout: 0, headersTimeout: 20_000, keepAliveTimeout: 65_000 },
    limited,
  );
  refuseBrokenRequests(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new StartupError(`Port ${options.port} is taken; set PORT to another.`)
          : error,
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: (graceMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
