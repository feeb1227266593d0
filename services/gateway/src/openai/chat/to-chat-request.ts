import type { ChatCompletionMessage, ChatCompletionRequest, JsonObject } from '@planyard/contracts';
import type { ChatMessage, ChatPart, ChatRequest, Reasoning, ToolCall, ToolSpec } from '@planyard/llm';
import { defined } from '../defined.ts';
import { ANY_OBJECT, toOutput } from '../output-format.ts';
import { requireOffered } from '../require-offered.ts';
import { effortOf } from '../sampling.ts';
import { foreignTo } from './foreign-to.ts';

/** Fields with a place of their own in a `ChatRequest`, or that say how the reply travels. All others are passed on. */
const KNOWN = new Set([
  'model',
  'messages',
  'stream',
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
]);

type Message<R extends ChatCompletionMessage['role']> = Extract<ChatCompletionMessage, { role: R }>;
type Choice = Exclude<ChatCompletionRequest['tool_choice'], null | undefined>;

/** A chat completion's body as our request. Messages and tools keep what their caller wrote, for models that speak OpenAI's protocol. Throws `invalid_request` for a choice of a tool that is not offered. */
export function toChatRequest(body: ChatCompletionRequest): ChatRequest {
  const effort = effortOf(body.reasoning_effort);
  const streaming = body.stream === true;
  const foreign = foreignTo(body);
  const request: ChatRequest = {
    messages: body.messages.map(toMessage),
    stream: streaming,
    ...(streaming ? { live_calls: true } : {}),
    ...(foreign.length > 0 ? { foreign } : {}),
    extra: extraOf(body, effort === undefined),
    ...(body.tool_choice == null ? {} : toChoice(body.tool_choice)),
    ...defined({
      tools: body.tools?.map(toTool),
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
  requireOffered(request);
  return request;
}

function extraOf(body: ChatCompletionRequest, foreignEffort: boolean): JsonObject {
  const isForeign: Record<string, boolean> = {
    reasoning_effort: foreignEffort,
    response_format: body.response_format != null && outputOf(body.response_format) === undefined,
    // Of a reply in one piece it would be refused.
    stream_options: body.stream === true,
  };
  const fields = Object.entries(body).filter(
    ([name, value]) => value !== undefined && (isForeign[name] ?? !KNOWN.has(name)),
  );
  return Object.fromEntries(fields) as JsonObject;
}

function outputOf(format: ChatCompletionRequest['response_format']): ChatRequest['output'] {
  if (format?.type === 'json_schema' && 'json_schema' in format)
    return toOutput(
      format.json_schema as Parameters<typeof toOutput>[0],
      'response_format.json_schema.schema',
    );
  return format?.type === 'json_object' ? ANY_OBJECT : undefined;
}

function toTool(tool: NonNullable<ChatCompletionRequest['tools']>[number]): ToolSpec {
  const given = tool as JsonObject;
  if (!isFunction(tool))
    return { name: tool.type, description: '', parameters: { type: 'object', properties: {} }, given };
  const { name, description, parameters, strict } = tool.function;
  return {
    name,
    description: description ?? '',
    parameters: parameters ?? { type: 'object', properties: {} },
    ...(strict ? { strict } : {}),
    given,
  };
}

type Tool = NonNullable<ChatCompletionRequest['tools']>[number];

function isFunction(tool: Tool): tool is Extract<Tool, { function: object }> {
  return tool.type === 'function';
}

/** What of a choice every provider can be told, and the choice as it was written. */
function toChoice(choice: Choice): Pick<ChatRequest, 'tool_choice' | 'allowed_tools' | 'given_choice'> {
  if (typeof choice === 'string') return { tool_choice: choice };
  const given_choice = choice as JsonObject;
  if ('function' in choice)
    return { tool_choice: { name: (choice.function as { name: string }).name }, given_choice };
  if (!('allowed_tools' in choice)) return { given_choice };
  const { mode, tools } = choice.allowed_tools as { mode: 'auto' | 'required'; tools: object[] };
  const allowed_tools = tools.flatMap((tool) => {
    const { name } = ('function' in tool ? tool.function : {}) as { name?: unknown };
    return typeof name === 'string' ? [name] : [];
  });
  return { tool_choice: mode, allowed_tools, given_choice };
}

function toMessage(message: ChatCompletionMessage): ChatMessage {
  return { ...toPlainMessage(message), given: message as JsonObject };
}

/** In words of our own, for models that do not speak OpenAI's. */
function toPlainMessage(message: ChatCompletionMessage): ChatMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: textOf(message.content) };
    case 'user':
      return {
        role: 'user',
        content: typeof message.content === 'string' ? message.content : message.content.map(toPart),
      };
    case 'tool':
      return { role: 'tool', tool_call_id: message.tool_call_id, content: textOf(message.content) };
    case 'function':
      return { role: 'user', content: message.content ?? '' };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content == null ? null : textOf(message.content),
        ...(message.tool_calls?.length ? { tool_calls: message.tool_calls.map(toCall) } : {}),
        ...(message.reasoning_details?.length
          ? { reasoning: message.reasoning_details.map(toReasoning) }
          : {}),
      };
  }
}

const DETAILS = ['auto', 'low', 'high'] as const;

function toPart(part: Exclude<Message<'user'>['content'], string>[number]): ChatPart {
  if (part.type === 'text' && 'text' in part) return { type: 'text', text: String(part.text) };
  if (part.type !== 'image_url') return { type: 'foreign', part: part as JsonObject };
  const { url, detail: asked } = part.image_url as { url: string; detail?: string | null };
  const detail = DETAILS.find((each) => each === asked);
  return { type: 'image_url', image_url: { url, ...(detail ? { detail } : {}) } };
}

function toCall(call: NonNullable<Message<'assistant'>['tool_calls']>[number]): ToolCall {
  if (call.type === 'custom')
    return { id: call.id, name: call.custom.name, arguments: call.custom.input, custom: true };
  return { id: call.id, name: call.function.name, arguments: call.function.arguments };
}

function textOf(content: string | { type: string; text?: unknown; refusal?: unknown }[]): string {
  if (typeof content === 'string') return content;
  return content.map((part) => String(part.type === 'refusal' ? part.refusal : part.text)).join('\n');
}

function toReasoning(detail: NonNullable<Message<'assistant'>['reasoning_details']>[number]): Reasoning {
  if (detail.type === 'reasoning.encrypted') return { text: '', redacted: detail.data };
  return { text: detail.text, ...(detail.signature ? { signature: detail.signature } : {}) };
}
