import type { ChatMessage, ChatPart, ChatRequest } from '../contract.ts';
import { countTokens } from './count-tokens.ts';
import { pictureSize } from './picture-size.ts';
import { type Picture, pictureTokens } from './picture-tokens.ts';

/** What a message costs besides its text: its role and its borders. */
const PER_MESSAGE = 4;

/** Tokens that a request's messages, tools and schema take, about, without its pictures. */
export async function textTokens(request: ChatRequest): Promise<number> {
  return bordersOf(request) + (await countTokens(...textsOf(request)));
}

/** No fewer than `textTokens`, without counting: a token is a byte at least. */
export function textTokensAtMost(request: ChatRequest): number {
  return textsOf(request).reduce((sum, text) => sum + Buffer.byteLength(text), bordersOf(request));
}

/** All tokens that a request takes, about, of the dearest of these models. */
export async function requestTokens(request: ChatRequest, models: string[] = []): Promise<number> {
  return (await textTokens(request)) + pictureTokens(picturesOf(request), models);
}

/** Pictures whose size is looked for, more than any provider takes: looking at 100,000 would hold up all else for 0.1 s. */
const MOST_PICTURES = 4_000;

export function picturesOf({ messages }: ChatRequest): Picture[] {
  let looked = 0;
  const sizeOf = (url: string) => {
    looked += 1;
    return looked > MOST_PICTURES ? null : pictureSize(url);
  };
  return messages.flatMap(({ content }) =>
    typeof content === 'string' || content === null
      ? []
      : content.flatMap((part) =>
          part.type === 'image_url'
            ? { size: sizeOf(String(part.image_url?.url)), detail: part.image_url?.detail ?? 'auto' }
            : [],
        ),
  );
}

function textsOf(request: ChatRequest): string[] {
  const texts = request.messages.map(textOf);
  if (request.tools?.length)
    texts.push(JSON.stringify(request.tools.map(({ given, ...tool }) => given ?? tool)));
  if (request.output) texts.push(JSON.stringify(request.output.schema));
  const more = Object.entries(request.extra ?? {}).filter(mayBeRead);
  if (more.length > 0) texts.push(JSON.stringify(Object.fromEntries(more)));
  return texts;
}

/** Fields of OpenAI's API that say how to answer, or to whom, not what a model reads. */
const UNREAD = new Set([
  'audio',
  'logit_bias',
  'metadata',
  'modalities',
  'prompt_cache_key',
  'prompt_cache_retention',
  'reasoning_effort',
  'safety_identifier',
  'service_tier',
  'stop',
  'stream_options',
  'tool_choice',
  'user',
  'verbosity',
  'web_search_options',
]);

/** Documents and functions, say, cost what they are long. */
function mayBeRead([name, value]: [string, unknown]): boolean {
  return !UNREAD.has(name) && value !== null && (typeof value === 'object' || typeof value === 'string');
}

function bordersOf({ messages }: ChatRequest): number {
  return messages.length * PER_MESSAGE;
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
