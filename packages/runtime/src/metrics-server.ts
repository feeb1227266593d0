import { createServer, type ServerResponse } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { checkHealth, type HealthCheck } from './health.ts';
import { StartupError } from './startup-error.ts';

/** A registry whose every metric carries `service`, with Node's own metrics in it. */
export function createMetricsRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}

export interface MetricsServer {
  port: number;
  close(): Promise<void>;
}

function reply(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/**
 * Serves `/metrics`, `/healthz` (200 while the process lives) and `/readyz` (503 names what is down) on a port of
 * its own; port 0 takes a free one. Throws StartupError when the port is taken.
 */
export async function startMetricsServer(options: {
  port: number;
  host: string;
  registry: Pick<Registry, 'metrics' | 'contentType'>;
  checks: readonly HealthCheck[];
}): Promise<MetricsServer> {
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return reply(response, 200, { ok: true });
    if (path === '/readyz') {
      const health = await checkHealth(options.checks);
      return reply(response, health.ok ? 200 : 503, health);
    }
    if (path === '/metrics') {
      // One that cannot be collected must not end the process that it would tell about.
      const text = await options.registry.metrics().catch((error: Error) => error);
      if (typeof text !== 'string') return reply(response, 503, { error: 'a metric could not be collected' });
      return response.writeHead(200, { 'content-type': options.registry.contentType }).end(text);
    }
    return reply(response, 404, { error: 'there are /metrics, /healthz and /readyz' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new StartupError(`Port ${options.port} for metrics is taken; set METRICS_PORT to another.`)
          : error,
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
