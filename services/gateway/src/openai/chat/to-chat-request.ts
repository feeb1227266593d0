import type { ChatCompletionMessage, ChatCompletionRequest, JsonObject } from '@planyard/contracts';
import { PlanyardError } from '@planyard/contracts';
import type { ChatMessage, ChatRequest, Reasoning } from '@planyard/llm';
import { defined } from '../defined.ts';
import { ANY_OBJECT, toOutput } from '../output-format.ts';
import { effortOf } from '../sampling.ts';

/** Fields with a place of their own in a `ChatRequest`, or that say how the reply travels. All others are passed on. */
const KNOWN = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'temperature',
  'top_p',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'seed',
  'reasoning_effort',
  'n',
]);

/** A chat completion's body as our request. Throws `invalid_request` for several choices, which most models do not give. */
export function toChatRequest(body: ChatCompletionRequest): ChatRequest {
  if ((body.n ?? 1) > 1)
    throw new PlanyardError('invalid_request', 'n: one choice at a time where there are tools or a format', {
      errors: [{ path: 'n', message: 'must be 1' }],
    });
  const effort = effortOf(body.reasoning_effort);
  const { tool_choice: choice } = body;
  return {
    messages: body.messages.map(toMessage),
    stream: body.stream === true,
    extra: extraOf(body, effort === undefined),
    ...defined({
      tools: body.tools?.map(({ function: { name, description, parameters, strict } }) => ({
        name,
        description: description ?? '',
        parameters: parameters ?? { type: 'object', properties: {} },
        ...(strict ? { strict } : {}),
      })),
      tool_choice: typeof choice === 'string' ? choice : choice ? { name: choice.function.name } : undefined,
      parallel_tool_calls: body.parallel_tool_calls ?? undefined,
      output: outputOf(body.response_format),
      temperature: body.temperature ?? undefined,
      top_p: body.top_p ?? undefined,
      max_tokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
      stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? undefined),
      seed: body.seed ?? undefined,
      reasoning_effort: effort,
    }),
  };
}

function extraOf(body: ChatCompletionRequest, foreignEffort: boolean): JsonObject {
  const fields = Object.entries(body).filter(
    ([name, value]) =>
      value !== undefined && (!KNOWN.has(name) || (name === 'reasoning_effort' && foreignEffort)),
  );
  return Object.fromEntries(fields) as JsonObject;
}

function outputOf(format: ChatCompletionRequest['response_format']): ChatRequest['output'] {
  if (format?.type === 'json_schema') return toOutput(format.json_schema);
  return format?.type === 'json_object' ? ANY_OBJECT : undefined;
}

function toMessage(message: ChatCompletionMessage): ChatMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: textOf(message.content) };
    case 'user':
      return { role: 'user', content: message.content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.tool_call_id, content: textOf(message.content) };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content == null ? null : textOf(message.content),
        ...(message.tool_calls?.length
          ? {
              tool_calls: message.tool_calls.map(({ id, function: { name, arguments: text } }) => ({
                id,
                name,
                arguments: text,
              })),
            }
          : {}),
        ...(message.reasoning_details?.length
          ? { reasoning: message.reasoning_details.map(toReasoning) }
          : {}),
      };
  }
}

function textOf(content: string | { type: string; text?: unknown; refusal?: unknown }[]): string {
  if (typeof content === 'string') return content;
  return content.map((part) => String(part.type === 'refusal' ? part.refusal : part.text)).join('\n');
}

function toReasoning(
  detail: NonNullable<Extract<ChatCompletionMessage, { role: 'assistant' }>['reasoning_details']>[number],
): Reasoning {
  if (detail.type === 'reasoning.encrypted') return { text: '', redacted: detail.data };
  return { text: detail.text, ...(detail.signature ? { signature: detail.signature } : {}) };
}
