import type { Tracer } from '@opentelemetry/api';

export interface Tracing {
  /** null without an endpoint. */
  tracer: Tracer | null;
  /** Sends what is left, for five seconds at most. */
  close(): Promise<void>;
}

/** Spans go to an OTLP endpoint over HTTP (`http://host:4318`; headers by OTEL_EXPORTER_OTLP_HEADERS); without one nowhere, and the exporter is not loaded. */
export async function startTracing(options: {
  service: string;
  endpoint: string | undefined;
}): Promise<Tracing> {
  if (options.endpoint === undefined) return { tracer: null, close: async () => undefined };
  const { startOtlpTracing } = await import('./otlp-tracing.ts');
  return startOtlpTracing(options.service, options.endpoint);
}
