import type { ChatMessage, ChatPart, ChatRequest } from '../../contract.ts';
import { defined } from '../defined.ts';
import { atMostHigh } from '../effort.ts';
import { foreignPart } from '../foreign-part.ts';
import { inlineImage } from '../images.ts';
import { inputOf } from '../turns.ts';

const LEAST_CONTEXT = 4096;

/** Our request as the body of `/api/chat`. `room` is the context that the model was loaded with at our wish, if any. Ollama knows no tool choice: `none` offers no tools, a named one only that. */
export function toBody(model: string, request: ChatRequest, room?: number) {
  const { tools = [], tool_choice: choice = 'auto' } = request;
  const offered =
    typeof choice === 'string'
      ? choice === 'none'
        ? []
        : tools
      : tools.filter((tool) => tool.name === choice.name);
  const names = new Map<string, string>();
  for (const message of request.messages)
    if (message.role === 'assistant')
      for (const call of message.tool_calls ?? []) names.set(call.id, call.name);
  const messages = request.messages.map((message) => toMessage(message, names));
  return {
    model,
    messages,
    stream: request.stream !== false,
    ...(offered.length > 0
      ? {
          tools: offered.map(({ name, description, parameters }) => ({
            type: 'function',
            function: { name, description, parameters },
          })),
        }
      : {}),
    ...defined({ format: request.output?.schema, think: toThink(model, request.reasoning_effort) }),
    options: defined({
      temperature: request.temperature,
      top_p: request.top_p,
      num_predict: request.max_tokens,
      stop: request.stop,
      seed: request.seed,
      num_ctx: contextFor(
        JSON.stringify([messages, offered]),
        request.budgeted ? undefined : request.max_tokens,
        room,
      ),
    }),
  };
}

function toMessage(message: ChatMessage, names: Map<string, string>) {
  if (message.role === 'tool')
    return {
      role: 'tool',
      content: message.content,
      tool_call_id: message.tool_call_id,
      ...defined({ tool_name: names.get(message.tool_call_id) }),
    };
  const parts: ChatPart[] =
    typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : (message.content ?? []);
  const images = parts.flatMap((part) => {
    if (part.type === 'foreign') throw foreignPart(part, 'Ollama');
    return part.type === 'image_url' ? [inlineImage(part.image_url.url, 'Ollama').base64] : [];
  });
  const content = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  if (message.role !== 'assistant')
    return { role: message.role, content, ...(images.length > 0 ? { images } : {}) };
  const thinking = (message.reasoning ?? []).map((block) => block.text).join('');
  return {
    role: 'assistant',
    content,
    ...(thinking ? { thinking } : {}),
    ...(message.tool_calls?.length
      ? {
          tool_calls: message.tool_calls.map((call) => ({
            id: call.id,
            function: { name: call.name, arguments: inputOf(call) },
          })),
        }
      : {}),
  };
}

/** gpt-oss thinks at levels; other models do or do not. */
function toThink(model: string, asked: ChatRequest['reasoning_effort']): string | boolean | undefined {
  const effort = atMostHigh(asked);
  if (effort === undefined) return undefined;
  const isLeast = effort === 'none' || effort === 'minimal';
  if (model.includes('gpt-oss')) return isLeast ? 'low' : effort;
  return !isLeast;
}

/** Ollama silently cuts a prompt that exceeds its context, 4,096 tokens on small machines: a longer one asks for room, by powers of two, and keeps what it got, since each change loads the model anew. 3.5 bytes a token is a low estimate. */
function contextFor(prompt: string, maxTokens = 1024, room = LEAST_CONTEXT): number | undefined {
  const tokens = Buffer.byteLength(prompt) / 3.5 + maxTokens;
  const needed = Math.max(room, 2 ** Math.ceil(Math.log2(tokens)));
  return needed > LEAST_CONTEXT ? needed : undefined;
}
