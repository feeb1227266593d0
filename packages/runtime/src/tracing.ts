import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

export interface Tracing {
  /** null without an endpoint. */
  tracer: Tracer | null;
  /** Sends what is left, for five seconds at most. */
  close(): Promise<void>;
}

const CLOSE_MS = 5_000;

/** Spans go to an OTLP endpoint over HTTP (`http://host:4318`; headers by OTEL_EXPORTER_OTLP_HEADERS); without one nowhere. */
export function startTracing(options: { service: string; endpoint: string | undefined }): Tracing {
  if (options.endpoint === undefined) return { tracer: null, close: async () => undefined };
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`;
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': options.service, 'service.namespace': 'planyard' }),
    ),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  return {
    tracer: provider.getTracer('planyard'),
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([provider.shutdown(), late]);
    },
  };
}
