import type { OpenAI } from 'openai';
import type {
  ChatContent,
  ChatMessage,
  ChatPart,
  ChatRequest,
  OutputSpec,
  ToolChoice,
  ToolSpec,
} from '../../contract.ts';
import { defined } from '../defined.ts';

type Params = OpenAI.Chat.Completions.ChatCompletionCreateParams;
type Choice = OpenAI.Chat.Completions.ChatCompletionToolChoiceOption;
type Tool = OpenAI.Chat.Completions.ChatCompletionTool;
type Part = OpenAI.Chat.Completions.ChatCompletionContentPart;
type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam;

export type LimitField = 'max_tokens' | 'max_completion_tokens';

/** Our request as the body of a chat completion. `limitField` is what the endpoint calls the limit of the output. */
export function toParams(model: string, request: ChatRequest, limitField: LimitField): Params {
  const hasTools = request.tools !== undefined && request.tools.length > 0;
  // Beside the limit that is granted another would hold, under either name.
  const { max_tokens: _old, max_completion_tokens: _new, ...extra } = request.extra ?? {};
  return {
    ...extra,
    model,
    messages: request.messages.map(toMessage),
    ...(request.stream === false
      ? { stream: false }
      : {
          stream: true,
          stream_options: { ...(extra.stream_options as object), include_usage: true },
        }),
    ...defined({
      temperature: request.temperature,
      top_p: request.top_p,
      [limitField]: request.max_tokens,
      stop: request.stop,
      seed: request.seed,
      reasoning_effort: request.reasoning_effort,
      response_format: request.output && toFormat(request.output),
    }),
    ...(hasTools
      ? defined({
          tools: request.tools?.map(toTool),
          tool_choice:
            (request.given_choice as Choice | undefined) ?? toChoice(request.tool_choice ?? 'auto'),
          parallel_tool_calls: request.parallel_tool_calls,
        })
      : {}),
  };
}

function toMessage(message: ChatMessage): Message {
  if (message.given) return message.given as unknown as Message;
  switch (message.role) {
    case 'system':
      return { role: 'system', content: textOf(message.content) };
    case 'user': {
      const content = typeof message.content === 'string' ? message.content : message.content.map(toPart);
      return { role: 'user', content };
    }
    case 'tool':
      return { role: 'tool', tool_call_id: message.tool_call_id, content: message.content };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content === null ? null : textOf(message.content),
        ...(message.tool_calls?.length
          ? {
              tool_calls: message.tool_calls.map(({ id, name, arguments: text, custom }) =>
                custom
                  ? { id, type: 'custom' as const, custom: { name, input: text } }
                  : { id, type: 'function' as const, function: { name, arguments: text } },
              ),
            }
          : {}),
      };
  }
}

function toPart(part: ChatPart): Part {
  return part.type === 'foreign' ? (part.part as unknown as Part) : part;
}

function toTool({ given, ...tool }: ToolSpec): Tool {
  return given ? (given as unknown as Tool) : { type: 'function', function: tool };
}

/** Only users may send images; elsewhere the text parts remain. */
function textOf(content: ChatContent): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

function toChoice(choice: ToolChoice) {
  return typeof choice === 'string' ? choice : { type: 'function' as const, function: choice };
}

function toFormat({ any_object, name, description, schema, strict }: OutputSpec) {
  if (any_object) return { type: 'json_object' as const };
  return {
    type: 'json_schema' as const,
    json_schema: { name, schema, ...defined({ description, strict }) },
  };
}
