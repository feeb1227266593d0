import { randomUUID } from 'node:crypto';
import type { ResponsesRequest } from '@planyard/contracts';

/** What of a response is known before its model says a word. */
export interface ResponseBase {
  id: string;
  created_at: number;
  model: string;
  [field: string]: unknown;
}

/** What a response repeats of its request, with OpenAI's defaults for what that did not say. */
export function baseOf(body: ResponsesRequest, nowMs: number): ResponseBase {
  const { text, reasoning } = body;
  return {
    // Not the request's id: callers may send one again, and kept items are found by this one.
    id: `resp_${randomUUID()}`,
    object: 'response',
    created_at: Math.floor(nowMs / 1000),
    completed_at: null,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    metadata: body.metadata ?? {},
    model: body.model,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    store: body.store !== false,
    temperature: body.temperature ?? 1,
    text: { ...text, format: text?.format ?? { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: (body.tools ?? []).map(asTold),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    presence_penalty: body.presence_penalty ?? 0,
    frequency_penalty: body.frequency_penalty ?? 0,
    truncation: 'disabled',
    service_tier: body.service_tier ?? 'default',
    safety_identifier: body.safety_identifier ?? null,
    ...(body.user == null ? {} : { user: body.user }),
    prompt_cache_key: body.prompt_cache_key ?? null,
    usage: null,
  };
}

/** A function has all its fields, null where nothing was said. */
function asTold(tool: NonNullable<ResponsesRequest['tools']>[number]) {
  if (tool.type !== 'function') return tool;
  const { description = null, parameters = null, strict = null } = tool;
  return { ...tool, description, parameters, strict };
}
