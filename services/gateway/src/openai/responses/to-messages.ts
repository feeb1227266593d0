import {
  type JsonObject,
  PlanyardError,
  type ResponseInputItem,
  type ResponsesRequest,
} from '@planyard/contracts';
import type { ChatContent, ChatMessage, ChatPart, Reasoning } from '@planyard/llm';

type Assistant = Extract<ChatMessage, { role: 'assistant' }>;
type MessageItem = Extract<ResponseInputItem, { role: string }>;
type Parts = Exclude<MessageItem['content'], string>;

/**
 * A response's instructions and input as messages: calls and reasoning are part of the assistant's message that they
 * surround. `find` is asked for referenced items. Throws `invalid_request` for a reference to what is not there.
 */
export async function toMessages(
  { instructions, input }: ResponsesRequest,
  find: (id: string) => Promise<ResponseInputItem | null>,
): Promise<ChatMessage[]> {
  const messages: ChatMessage[] = instructions ? [{ role: 'system', content: instructions }] : [];
  if (typeof input === 'string') return [...messages, { role: 'user', content: input }];

  // A tool's message is text with most providers: the user shows its pictures once all results of that turn are told.
  const shown: ChatPart[] = [];
  const show = () => {
    if (shown.length > 0) messages.push({ role: 'user', content: shown.splice(0) });
  };

  function assistant(): Assistant {
    const last = messages.at(-1);
    if (last?.role === 'assistant') return last;
    const fresh: Assistant = { role: 'assistant', content: null };
    messages.push(fresh);
    return fresh;
  }

  for (const [index, given] of input.entries()) {
    const item = given.type === 'item_reference' ? await referenced(given.id, index, find) : given;
    if (!('call_id' in item && 'output' in item)) show();
    if ('role' in item) {
      if (item.role !== 'assistant') messages.push(toMessage(item as MessageItem));
      else addText(assistant(), textOf(item.content as MessageItem['content']));
      continue;
    }
    switch (item.type) {
      case 'function_call': {
        const {
          call_id: id,
          name,
          arguments: text,
        } = item as { call_id: string; name: string; arguments: string };
        const message = assistant();
        message.tool_calls = [...(message.tool_calls ?? []), { id, name, arguments: text }];
        break;
      }
      case 'custom_tool_call': {
        const call = item as { call_id: string; name: string; input: string };
        const message = assistant();
        const { call_id: id, name, input: text } = call;
        message.tool_calls = [...(message.tool_calls ?? []), { id, name, arguments: text, custom: true }];
        break;
      }
      case 'custom_tool_call_output':
      case 'function_call_output': {
        const { call_id, output } = item as { call_id: string; output: MessageItem['content'] };
        messages.push({ role: 'tool', tool_call_id: call_id, content: textOf(output) });
        shown.push(...shownBy(call_id, output));
        break;
      }
      case 'reasoning': {
        const message = assistant();
        const reasoning = toReasoning(
          item as { summary: { text: string }[]; encrypted_content?: string | null },
          `input[${index}].encrypted_content`,
        );
        message.reasoning = [...(message.reasoning ?? []), reasoning];
        break;
      }
    }
  }
  show();
  return messages;
}

async function referenced(
  id: string,
  index: number,
  find: (id: string) => Promise<ResponseInputItem | null>,
): Promise<ResponseInputItem> {
  const item = await find(id);
  if (item) return item;
  throw new PlanyardError(
    'invalid_request',
    `There is no item ${id}: items are kept for an hour; send them whole, or \`store: false\` from the first request on`,
    { errors: [{ path: `input[${index}].id`, message: 'unknown item' }] },
  );
}

function toMessage({ role, content }: MessageItem): ChatMessage {
  if (role === 'user') return { role, content: toContent(content) };
  return { role: 'system', content: textOf(content) };
}

function toContent(content: MessageItem['content']): ChatContent {
  return typeof content === 'string' ? content : partsOf(content);
}

function partsOf(content: Parts): ChatPart[] {
  return content.map((part): ChatPart => {
    if (part.type === 'input_file') return { type: 'foreign', part: toFile(part as JsonObject) };
    if (part.type !== 'input_image') return { type: 'text', text: textOf([part]) };
    const { image_url: url, detail: asked } = part as { image_url: string; detail?: string | null };
    const detail = DETAILS.find((each) => each === asked);
    return { type: 'image_url', image_url: { url, ...(detail ? { detail } : {}) } };
  });
}

/** What of a tool's result is no text. */
function shownBy(call_id: string, output: string | Parts): ChatPart[] {
  if (typeof output === 'string') return [];
  const shown = output.filter(({ type }) => type === 'input_image' || type === 'input_file');
  if (shown.length === 0) return [];
  return [{ type: 'text', text: `Of the result of ${call_id}:` }, ...partsOf(shown)];
}

const DETAILS = ['auto', 'low', 'high'] as const;

/** As a chat completion has it. */
function toFile({ type: _, ...fields }: JsonObject): JsonObject {
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return { type: 'file', file: Object.fromEntries(given) };
}

function addText(message: Assistant, text: string): void {
  message.content = message.content ? `${message.content as string}\n${text}` : text;
}

function textOf(content: string | Parts): string {
  if (typeof content === 'string') return content;
  return content
    .flatMap((part) => ('text' in part ? [part.text] : 'refusal' in part ? [part.refusal] : []))
    .join('\n');
}

/** What reasoning its provider wants back travels as the item's encrypted content. */
export function encryptedOf({ text, signature, redacted }: Reasoning): string | null {
  if (!signature && !redacted) return null;
  return Buffer.from(JSON.stringify({ text, signature, redacted })).toString('base64url');
}

function toReasoning(
  item: { summary: { text: string }[]; encrypted_content?: string | null },
  path: string,
): Reasoning {
  const text = item.summary.map((part) => part.text).join('\n');
  if (!item.encrypted_content) return { text };
  try {
    const kept = JSON.parse(
      Buffer.from(item.encrypted_content, 'base64url').toString(),
    ) as Partial<Reasoning>;
    return {
      text: typeof kept.text === 'string' ? kept.text : text,
      ...(typeof kept.signature === 'string' ? { signature: kept.signature } : {}),
      ...(typeof kept.redacted === 'string' ? { redacted: kept.redacted } : {}),
    };
  } catch (cause) {
    const errors = [{ path, message: 'not what was given out' }];
    throw new PlanyardError('invalid_request', `${path}: not what was given out`, { errors, cause });
  }
}
