import type { Anthropic } from '@anthropic-ai/sdk';
import type { Usage } from '@planyard/contracts';
import type { ChatEvent, FinishReason } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { toldUsage } from '../told-usage.ts';
import { assembleCalls, type OpenCall, type RawToolCall, soundCalls } from '../tool-calls.ts';

type Event = Anthropic.RawMessageStreamEvent;

/** Anthropic's events as ours. Usage is cumulative: the last of each figure counts. Throws `bad_reply` for a stream without `message_stop`. */
export async function* toChatEvents(
  events: AsyncIterable<Event> | Iterable<Event>,
  onPiece?: () => void,
  live = false,
): AsyncIterable<ChatEvent> {
  const calls = assembleCalls(live);
  const open = new Map<number, OpenCall>();
  let figures: Partial<Anthropic.Usage> = {};
  let finish: FinishReason = 'stop';
  let stopped = false;
  for await (const event of events) {
    onPiece?.();
    switch (event.type) {
      case 'message_start':
        figures = told(event.message.usage);
        break;
      case 'content_block_start':
        if (event.content_block.type === 'tool_use') {
          const raw = toCall(event.content_block);
          const call = calls.begin(raw);
          open.set(event.index, call);
          yield* calls.extend(call, raw);
        } else yield* ofBlock(event.content_block);
        break;
      case 'content_block_delta':
        if (event.delta.type === 'input_json_delta') {
          const call = open.get(event.index);
          if (call) yield* calls.extend(call, { arguments: event.delta.partial_json });
        } else yield* ofDelta(event.delta);
        break;
      case 'message_delta':
        figures = { ...figures, ...told(event.usage) };
        if (event.delta.stop_reason) finish = toFinish(event.delta.stop_reason);
        break;
      case 'message_stop':
        stopped = true;
        break;
      case 'content_block_stop':
        break;
    }
  }
  if (!stopped) throw new ModelError('bad_reply', 'the reply was cut off before its end');
  const usage = Object.keys(figures).length > 0 ? toUsage(figures) : null;
  yield* soundCalls(() => calls.end(finish), usage);
  if (usage) yield { type: 'usage', usage };
  yield { type: 'finish', reason: finish };
}

/** A whole message as the stream that says the same; nothing for what is no message. */
export function asStream(message: Anthropic.Message): Event[] {
  if (!Array.isArray(message?.content)) return [];
  const { content, stop_reason, stop_sequence, stop_details, container, usage } = message;
  return [
    { type: 'message_start', message },
    ...content.map((content_block, index): Event => ({ type: 'content_block_start', index, content_block })),
    { type: 'message_delta', delta: { stop_reason, stop_sequence, stop_details, container }, usage },
    { type: 'message_stop' },
  ];
}

/** In a stream the input comes as text after an empty object; in a whole message it is there. */
function toCall({ id, name, input }: Anthropic.ToolUseBlock): RawToolCall {
  const empty = input === null || (typeof input === 'object' && Object.keys(input).length === 0);
  return { id, name, arguments: empty ? '' : JSON.stringify(input) };
}

function* ofBlock(block: Anthropic.ContentBlock): Iterable<ChatEvent> {
  if (block.type === 'text' && block.text) yield { type: 'text', text: block.text };
  if (block.type === 'redacted_thinking') yield { type: 'reasoning', text: '', redacted: block.data };
  if (block.type === 'thinking' && (block.thinking || block.signature))
    yield {
      type: 'reasoning',
      text: block.thinking,
      ...(block.signature ? { signature: block.signature } : {}),
    };
}

function* ofDelta(delta: Anthropic.RawContentBlockDelta): Iterable<ChatEvent> {
  if (delta.type === 'text_delta' && delta.text) yield { type: 'text', text: delta.text };
  if (delta.type === 'thinking_delta' && delta.thinking) yield { type: 'reasoning', text: delta.thinking };
  if (delta.type === 'signature_delta') yield { type: 'reasoning', text: '', signature: delta.signature };
}

/** The figures that are told: later events leave out, or null, what has not changed. */
function told(
  usage: Partial<Anthropic.MessageDeltaUsage> | Anthropic.Usage | undefined,
): Partial<Anthropic.Usage> {
  return Object.fromEntries(
    Object.entries(usage ?? {}).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** Anthropic counts what it read from and wrote to the cache apart from the rest of the input. */
function toUsage(figures: Partial<Anthropic.Usage>): Usage | null {
  const read = figures.cache_read_input_tokens ?? 0;
  const written = figures.cache_creation_input_tokens ?? 0;
  return toldUsage({
    input_tokens: (figures.input_tokens ?? 0) + read + written,
    output_tokens: figures.output_tokens,
    cached_tokens: read,
    cache_write_tokens: written,
    reasoning_tokens: figures.output_tokens_details?.thinking_tokens,
  });
}

function toFinish(reason: Anthropic.StopReason): FinishReason {
  switch (reason) {
    case 'tool_use':
      return 'tool_calls';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'refusal':
      return 'content_filter';
    default:
      return 'stop';
  }
}
