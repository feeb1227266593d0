import { type Context, type Span, type Tracer, trace } from '@opentelemetry/api';
import type { ModelCall } from '@planyard/contracts';
import { expect, it } from 'vitest';
import { NO_USAGE } from './record.ts';
import { traceCall } from './trace-call.ts';

const CALL: ModelCall = {
  provider: 'openai',
  model: 'gpt-5-mini',
  purpose: 'plan',
  agent: 'ops',
  request_id: 'req-1',
  prompt: 'plan@1',
  status: 'ok',
  usage: NO_USAGE,
  cost_usd: 0,
  started_at: '2026-11-29T10:00:00.000Z',
  duration_ms: 10,
  first_token_ms: 5,
  error: null,
  cached: false,
};
const RUN = 'run_0193a1b2-7c00-7abc-8def-0123456789ab';

/** The trace and the parent that a call's span is given. */
function placeOf(traced: { run_id: string | null; traceparent: string | undefined }) {
  let given: Context | undefined;
  const span = { end() {} } as unknown as Span;
  const tracer = {
    startSpan(_name: string, _options: object, context: Context) {
      given = context;
      return span;
    },
  } as unknown as Tracer;
  traceCall(tracer, CALL, { ...traced, protocol: 'openai', params: {}, caller: null });
  const { traceId, spanId } = trace.getSpanContext(given as Context) ?? {};
  return { traceId, spanId };
}

it('the calls of a run are one trace, whose id is the run’s', () => {
  expect(placeOf({ run_id: RUN, traceparent: undefined })).toEqual({
    traceId: '0193a1b27c007abc8def0123456789ab',
    spanId: '8def0123456789ab',
  });
});

it('who asks with a traceparent has the call in its own trace; a call of nobody’s begins one', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(placeOf({ run_id: null, traceparent })).toEqual({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
  });
  expect(placeOf({ run_id: null, traceparent: undefined }).traceId).toBeUndefined();
});
