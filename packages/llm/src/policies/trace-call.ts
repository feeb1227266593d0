import { type Attributes, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_INPUT_MESSAGES,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_OUTPUT_MESSAGES,
  ATTR_GEN_AI_PROMPT_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
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

export interface TracedCall {
  protocol: Protocol;
  run_id: string | null;
  caller: { tenant: string; user: string } | null;
}

/** A span of one try, by OpenTelemetry's conventions for generative AI (semantic conventions 1.45). Calls of a run share its id as their conversation. */
export function traceCall(tracer: Tracer, call: ModelCall, { protocol, run_id, caller }: TracedCall): void {
  const operation = call.purpose === 'embed' ? 'embeddings' : 'chat';
  const startTime = new Date(call.started_at);
  const span = tracer.startSpan(`${operation} ${call.model}`, {
    kind: SpanKind.CLIENT,
    startTime,
    attributes: defined({
      [ATTR_GEN_AI_OPERATION_NAME]: operation,
      [ATTR_GEN_AI_PROVIDER_NAME]: PROVIDERS[protocol],
      [ATTR_GEN_AI_REQUEST_MODEL]: call.model,
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
  });
  if (call.error) {
    span.setAttribute(ATTR_ERROR_TYPE, call.error.code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: call.error.message });
  }
  span.end(startTime.getTime() + call.duration_ms);
}

function defined(attributes: Record<string, Attributes[string] | null>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null)) as Attributes;
}
