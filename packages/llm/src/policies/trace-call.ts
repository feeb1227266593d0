import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
  ATTR_GEN_AI_INPUT_MESSAGES,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_OUTPUT_MESSAGES,
  ATTR_GEN_AI_PROMPT_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_CHOICE_COUNT,
  ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
  ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
  ATTR_GEN_AI_REQUEST_SEED,
  ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_REQUEST_TEMPERATURE,
  ATTR_GEN_AI_REQUEST_TOP_P,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
} from '@opentelemetry/semantic-conventions/incubating';
import type { ModelCall } from '@planyard/contracts';
import type { Protocol } from '../contract.ts';

/** The conventions' names of those who speak each protocol. */
const PROVIDERS: Record<Protocol, string> = {
  openai: 'openai',
  ollama: 'ollama',
  anthropic: 'anthropic',
  bedrock: 'aws.bedrock',
};

/** The conventions' names of what OpenAI's API calls so. */
const PARAMS = new Map(
  Object.entries({
    dimensions: ATTR_GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
    frequency_penalty: ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
    max_completion_tokens: ATTR_GEN_AI_REQUEST_MAX_TOKENS,
    max_tokens: ATTR_GEN_AI_REQUEST_MAX_TOKENS,
    n: ATTR_GEN_AI_REQUEST_CHOICE_COUNT,
    presence_penalty: ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
    seed: ATTR_GEN_AI_REQUEST_SEED,
    stop: ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
    stream: ATTR_GEN_AI_REQUEST_STREAM,
    temperature: ATTR_GEN_AI_REQUEST_TEMPERATURE,
    top_p: ATTR_GEN_AI_REQUEST_TOP_P,
  }),
);

export interface TracedCall {
  protocol: Protocol;
  traceparent: string | undefined;
  /** In OpenAI's words; none of it need be sound. */
  params: object;
  run_id: string | null;
  caller: { tenant: string; user: string } | null;
}

/** A span of one try, by OpenTelemetry's conventions for generative AI (semantic conventions 1.45). Who asks with a `traceparent` has them in its own trace; those of a run are one trace, whose id is the run's. */
export function traceCall(tracer: Tracer, call: ModelCall, traced: TracedCall): void {
  const { protocol, run_id, caller } = traced;
  const operation = call.purpose === 'embed' ? 'embeddings' : 'chat';
  const startTime = new Date(call.started_at);
  const options = {
    kind: SpanKind.CLIENT,
    startTime,
    attributes: defined({
      [ATTR_GEN_AI_OPERATION_NAME]: operation,
      [ATTR_GEN_AI_PROVIDER_NAME]: PROVIDERS[protocol],
      [ATTR_GEN_AI_REQUEST_MODEL]: call.model,
      ...paramsOf(traced.params),
      [ATTR_GEN_AI_AGENT_NAME]: call.agent,
      [ATTR_GEN_AI_CONVERSATION_ID]: run_id,
      [ATTR_GEN_AI_PROMPT_NAME]: call.prompt,
      [ATTR_GEN_AI_USAGE_INPUT_TOKENS]: call.usage.input_tokens,
      [ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: call.usage.output_tokens,
      [ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: call.usage.cached_tokens,
      [ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS]: call.usage.cache_write_tokens,
      [ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: call.usage.reasoning_tokens,
      [ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]:
        call.first_token_ms === null ? null : call.first_token_ms / 1000,
      [ATTR_GEN_AI_INPUT_MESSAGES]: call.content?.input,
      [ATTR_GEN_AI_OUTPUT_MESSAGES]: call.content?.output,
      'planyard.provider': call.provider,
      'planyard.purpose': call.purpose,
      'planyard.request_id': call.request_id,
      'planyard.tenant': caller?.tenant,
      'planyard.user': caller?.user,
      'planyard.cost_usd': call.cost_usd,
      'planyard.usage_estimated': call.usage.estimated || null,
      'planyard.cached': call.cached,
    }),
  };
  const span = tracer.startSpan(`${operation} ${call.model}`, options, parentOf(traced));
  if (call.error) {
    span.setAttribute(ATTR_ERROR_TYPE, call.error.code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: call.error.message });
  }
  span.end(startTime.getTime() + call.duration_ms);
}

function paramsOf(params: object): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(params)) {
    const attribute = PARAMS.get(name);
    if (attribute === undefined) continue;
    if (name === 'stop') attributes[attribute] = [value].flat().filter((each) => typeof each === 'string');
    else if (typeof value === 'number' || typeof value === 'boolean') attributes[attribute] = value;
  }
  return attributes;
}

function parentOf({ traceparent, run_id }: TracedCall): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  if (parent) return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
  return run_id === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanOf(run_id));
}

/** A run has no span of its own: several processes plan and join it, each of which knows it by its id alone. A UUID has the 16 bytes of a trace's id, and its second half those of a span's. */
function spanOf(runId: string) {
  const traceId = runId.replace(/^run_/, '').replaceAll('-', '');
  return { traceId, spanId: traceId.slice(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

function defined(attributes: Record<string, Attributes[string] | null>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null)) as Attributes;
}
