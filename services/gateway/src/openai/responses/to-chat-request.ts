import type { Fault, JsonObject, ResponseInputItem, ResponsesRequest } from '@planyard/contracts';
import type { ChatRequest, ToolSpec } from '@planyard/llm';
import { defined } from '../defined.ts';
import { ANY_OBJECT, toOutput } from '../output-format.ts';
import { requireOffered } from '../require-offered.ts';
import { effortOf } from '../sampling.ts';
import { toMessages } from './to-messages.ts';

/** Fields with a place of their own in a `ChatRequest`, that say how the reply travels, or that chat completions do not have. */
const KNOWN = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'store',
  'previous_response_id',
  'conversation',
  'background',
  'prompt',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tool_calls',
  'text',
  'reasoning',
  'max_output_tokens',
  'temperature',
  'top_p',
  'metadata',
  'include',
  'truncation',
]);

type Tool = NonNullable<ResponsesRequest['tools']>[number];

/** A response's request as that of a chat completion. `find` is asked for referenced items. Throws `invalid_request` for one that is not there, and for a choice of a tool that is not offered. */
export async function toChatRequest(
  body: ResponsesRequest,
  find: (id: string) => Promise<ResponseInputItem | null>,
): Promise<ChatRequest> {
  const { text, reasoning } = body;
  const format = text?.format;
  const streaming = body.stream === true;
  const foreign = foreignTo(body);
  const request: ChatRequest = {
    messages: await toMessages(body, find),
    stream: streaming,
    ...(streaming ? { live_calls: true } : {}),
    ...(foreign.length > 0 ? { foreign } : {}),
    extra: extraOf(body),
    ...(body.tool_choice == null ? {} : toChoice(body.tool_choice)),
    ...defined({
      tools: body.tools?.map(toTool),
      parallel_tool_calls: body.parallel_tool_calls ?? undefined,
      output:
        format?.type === 'json_schema'
          ? toOutput(format, 'text.format.schema')
          : format?.type === 'json_object'
            ? ANY_OBJECT
            : undefined,
      temperature: body.temperature ?? undefined,
      top_p: body.top_p ?? undefined,
      max_tokens: body.max_output_tokens ?? undefined,
      reasoning_effort: effortOf(reasoning?.effort),
    }),
  };
  requireOffered(request);
  return request;
}

function asksLogprobs({ include, top_logprobs: top }: ResponsesRequest): boolean {
  return include?.includes('message.output_text.logprobs') === true || (top ?? 0) > 0;
}

/** What is passed on as it is, and what a chat completion says in another way. */
function extraOf(body: ResponsesRequest): JsonObject {
  const fields = Object.entries(body).filter(([name, value]) => value !== undefined && !KNOWN.has(name));
  const effort = body.reasoning?.effort;
  const verbosity = body.text?.verbosity;
  return {
    ...(Object.fromEntries(fields) as JsonObject),
    ...(asksLogprobs(body) ? { logprobs: true } : {}),
    ...(effort && effortOf(effort) === undefined ? { reasoning_effort: effort } : {}),
    ...(verbosity ? { verbosity } : {}),
  };
}

/** Fields of a tool that we do not know go along. */
function toTool({ type, ...tool }: Tool): ToolSpec {
  const { name, description } = tool;
  const described = { name, description: description ?? '' };
  if (type === 'custom')
    return {
      ...described,
      parameters: { type: 'object', properties: {} },
      given: { type, custom: customOf(tool as JsonObject) },
    };
  const { parameters: given, strict } = tool as Extract<Tool, { type: 'function' }>;
  const parameters = given ?? { type: 'object', properties: {} };
  return {
    ...described,
    parameters,
    ...(strict ? { strict } : {}),
    given: { type, function: { ...(tool as JsonObject), ...described, parameters } },
  };
}

/** A grammar lies a level deeper in a chat completion. */
function customOf({ format, ...tool }: JsonObject): JsonObject {
  const { type, ...grammar } = (format ?? {}) as JsonObject;
  if (type === undefined) return tool;
  return { ...tool, format: type === 'grammar' ? { type, grammar } : { type } };
}

function toChoice(
  choice: NonNullable<ResponsesRequest['tool_choice']>,
): Pick<ChatRequest, 'tool_choice' | 'allowed_tools' | 'given_choice'> {
  if (typeof choice === 'string') return { tool_choice: choice };
  switch (choice.type) {
    case 'function':
      return { tool_choice: { name: choice.name } };
    case 'custom':
      return { given_choice: { type: 'custom', custom: { name: choice.name } } };
    case 'allowed_tools': {
      const { mode } = choice;
      const tools = choice.tools.map(({ type, name }) => ({ type, [type]: { name } }));
      return {
        tool_choice: mode,
        allowed_tools: choice.tools.map(({ name }) => name),
        given_choice: { type: 'allowed_tools', allowed_tools: { mode, tools } },
      };
    }
  }
}

/** What of the request OpenAI's protocol alone can say, and where. */
function foreignTo(body: ResponsesRequest): Fault[] {
  const faults: Fault[] = [];
  for (const [at, { type }] of (body.tools ?? []).entries())
    if (type === 'custom') faults.push({ path: `tools[${at}]`, message: 'a tool of type custom' });
  const { tool_choice: choice } = body;
  if (typeof choice === 'object' && choice?.type === 'custom')
    faults.push({ path: 'tool_choice', message: 'a choice of type custom' });
  if (asksLogprobs(body))
    faults.push({
      path: (body.top_logprobs ?? 0) > 0 ? 'top_logprobs' : 'include',
      message: 'log probabilities',
    });
  if (typeof body.input === 'string') return faults;
  for (const [at, item] of body.input.entries()) {
    const path = `input[${at}]`;
    if (item.type === 'custom_tool_call') faults.push({ path, message: 'a call of type custom' });
    for (const field of ['content', 'output']) {
      const parts = (item as JsonObject)[field];
      if (!Array.isArray(parts)) continue;
      for (const [part, { type }] of (parts as { type: string }[]).entries())
        if (type === 'input_file') faults.push({ path: `${path}.${field}[${part}]`, message: 'a file' });
    }
  }
  return faults;
}
