import type { ChatMessage, ChatPart, ChatRequest } from '../contract.ts';
import { countTokens } from './count-tokens.ts';

/** What a message costs besides its text: its role and its borders. */
const PER_MESSAGE = 4;
/** A picture at high detail. */
const PER_IMAGE = 1_500;

/** Tokens that a request's messages, tools and schema take, about. */
export async function requestTokens(request: ChatRequest): Promise<number> {
  return besidesText(request) + (await countTokens(...textsOf(request)));
}

/** No fewer than `requestTokens`, without counting: a token is a byte at least. */
export function requestTokensAtMost(request: ChatRequest): number {
  return textsOf(request).reduce((sum, text) => sum + Buffer.byteLength(text), besidesText(request));
}

function textsOf(request: ChatRequest): string[] {
  const texts = request.messages.map(textOf);
  if (request.tools?.length)
    texts.push(JSON.stringify(request.tools.map(({ given, ...tool }) => given ?? tool)));
  if (request.output) texts.push(JSON.stringify(request.output.schema));
  return texts;
}

function besidesText({ messages }: ChatRequest): number {
  const images = messages.reduce((sum, message) => sum + imagesOf(message), 0);
  return messages.length * PER_MESSAGE + images * PER_IMAGE;
}

function textOf(message: ChatMessage): string {
  const { content } = message;
  const calls = message.role === 'assistant' && message.tool_calls ? JSON.stringify(message.tool_calls) : '';
  if (typeof content === 'string' || content === null) return `${content ?? ''}${calls}`;
  return content.map(textIn).join('\n') + calls;
}

/** What only OpenAI's protocol has, such as a file, counts as it is written: rather too much than nothing. */
function textIn(part: ChatPart): string {
  if (part.type === 'text') return part.text;
  return part.type === 'foreign' ? JSON.stringify(part.part) : '';
}

function imagesOf({ content }: ChatMessage): number {
  if (typeof content === 'string' || content === null) return 0;
  return content.filter((part) => part.type === 'image_url').length;
}
