import type { ChatMessage, ChatRequest } from '../contract.ts';
import { countTokens } from './count-tokens.ts';

/** What a message costs besides its text: its role and its borders. */
const PER_MESSAGE = 4;
/** A picture at high detail. */
const PER_IMAGE = 1_500;

/** Tokens that a request's messages, tools and schema take, about. */
export async function requestTokens(request: ChatRequest): Promise<number> {
  const parts = request.messages.map(textOf);
  if (request.tools?.length)
    parts.push(JSON.stringify(request.tools.map(({ given, ...tool }) => given ?? tool)));
  if (request.output) parts.push(JSON.stringify(request.output.schema));
  const images = request.messages.reduce((sum, message) => sum + imagesOf(message), 0);
  const counts = await Promise.all(parts.map(countTokens));
  const text = counts.reduce((sum, count) => sum + count, 0);
  return text + request.messages.length * PER_MESSAGE + images * PER_IMAGE;
}

function textOf(message: ChatMessage): string {
  const { content } = message;
  const calls = message.role === 'assistant' && message.tool_calls ? JSON.stringify(message.tool_calls) : '';
  if (typeof content === 'string' || content === null) return `${content ?? ''}${calls}`;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n') + calls;
}

function imagesOf({ content }: ChatMessage): number {
  if (typeof content === 'string' || content === null) return 0;
  return content.filter((part) => part.type === 'image_url').length;
}
