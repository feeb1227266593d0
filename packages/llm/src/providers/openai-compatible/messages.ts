import type { OpenAI } from 'openai';
import type { ChatMessage, ChatRequest } from '../../contract.ts';

type Params = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;
type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam;

/** Our request as the body of a streaming chat completion. */
export function toParams(model: string, request: ChatRequest): Params {
  return {
    model,
    messages: request.messages.map(toMessage),
    stream: true,
    stream_options: { include_usage: true },
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.max_tokens === undefined ? {} : { max_tokens: request.max_tokens }),
    ...(request.tools?.length
      ? {
          tools: request.tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })),
          tool_choice: request.tool_choice ?? 'auto',
        }
      : {}),
  };
}

function toMessage(message: ChatMessage): Message {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: textOf(message.content) };
    case 'user':
      return { role: 'user', content: message.content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.tool_call_id, content: message.content };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content === null ? null : textOf(message.content),
        ...(message.tool_calls?.length
          ? {
              tool_calls: message.tool_calls.map((call) => ({
                id: call.id,
                type: 'function' as const,
                function: { name: call.name, arguments: call.arguments },
              })),
            }
          : {}),
      };
  }
}

/** Only users may send images; elsewhere the text parts remain. */
function textOf(content: Exclude<ChatMessage['content'], null>): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
