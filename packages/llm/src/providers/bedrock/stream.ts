import type {
  ContentBlock,
  ContentBlockDelta,
  ConverseCommandOutput,
  ConverseStreamOutput,
  StopReason,
  TokenUsage,
} from '@aws-sdk/client-bedrock-runtime';
import type { Usage } from '@planyard/contracts';
import type { ChatEvent, FinishReason } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { toldUsage } from '../told-usage.ts';
import { assembleCalls, type OpenCall, soundCalls } from '../tool-calls.ts';

/** Converse's events as ours. The SDK throws the exceptions that come inside a stream. Throws `bad_reply` for a stream without `messageStop`. */
export async function* toChatEvents(
  events: AsyncIterable<ConverseStreamOutput> | Iterable<ConverseStreamOutput>,
  onPiece?: () => void,
  live = false,
): AsyncIterable<ChatEvent> {
  const calls = assembleCalls(live);
  const open = new Map<number, OpenCall>();
  let usage: TokenUsage | undefined;
  let finish: FinishReason | null = null;
  for await (const { contentBlockStart, contentBlockDelta, messageStop, metadata } of events) {
    onPiece?.();
    const toolUse = contentBlockStart?.start?.toolUse;
    if (toolUse)
      open.set(
        contentBlockStart.contentBlockIndex ?? 0,
        calls.begin({ id: toolUse.toolUseId, name: toolUse.name }),
      );
    if (contentBlockDelta?.delta) {
      const call = open.get(contentBlockDelta.contentBlockIndex ?? 0);
      const { delta } = contentBlockDelta;
      if (call && delta.toolUse) yield* calls.extend(call, { arguments: delta.toolUse.input });
      else yield* ofDelta(delta);
    }
    if (messageStop) finish = toFinish(messageStop.stopReason);
    usage = metadata?.usage ?? usage;
  }
  if (finish === null) throw new ModelError('bad_reply', 'the reply was cut off before its end');
  const reason = finish;
  const used = usage ? toUsage(usage) : null;
  yield* soundCalls(() => calls.end(reason), used);
  if (used) yield { type: 'usage', usage: used };
  yield { type: 'finish', reason: finish };
}

/** A whole reply as the stream that says the same. */
export function asStream({
  output,
  stopReason,
  usage,
  metrics,
}: ConverseCommandOutput): ConverseStreamOutput[] {
  return [
    ...(output?.message?.content ?? []).flatMap(eventsOf),
    ...(stopReason ? [{ messageStop: { stopReason } }, { metadata: { usage, metrics } }] : []),
  ];
}

function eventsOf(block: ContentBlock, contentBlockIndex: number): ConverseStreamOutput[] {
  const delta = (piece: ContentBlockDelta) => ({ contentBlockDelta: { contentBlockIndex, delta: piece } });
  if (block.text !== undefined) return [delta({ text: block.text })];
  if (block.toolUse) {
    const { toolUseId, name, input } = block.toolUse;
    return [
      { contentBlockStart: { contentBlockIndex, start: { toolUse: { toolUseId, name } } } },
      delta({ toolUse: { input: JSON.stringify(input ?? {}) } }),
    ];
  }
  const { reasoningText, redactedContent } = block.reasoningContent ?? {};
  if (redactedContent) return [delta({ reasoningContent: { redactedContent } })];
  if (!reasoningText) return [];
  return [
    delta({ reasoningContent: { text: reasoningText.text ?? '' } }),
    ...(reasoningText.signature ? [delta({ reasoningContent: { signature: reasoningText.signature } })] : []),
  ];
}

function* ofDelta({ text, reasoningContent }: ContentBlockDelta): Iterable<ChatEvent> {
  if (text) yield { type: 'text', text };
  if (reasoningContent?.text) yield { type: 'reasoning', text: reasoningContent.text };
  if (reasoningContent?.signature)
    yield { type: 'reasoning', text: '', signature: reasoningContent.signature };
  if (reasoningContent?.redactedContent)
    yield {
      type: 'reasoning',
      text: '',
      redacted: Buffer.from(reasoningContent.redactedContent).toString('base64'),
    };
}

/** Bedrock counts what it read from and wrote to the cache apart from the rest of the input. */
function toUsage(usage: TokenUsage): Usage | null {
  const read = usage.cacheReadInputTokens ?? 0;
  const written = usage.cacheWriteInputTokens ?? 0;
  return toldUsage({
    input_tokens: (usage.inputTokens ?? 0) + read + written,
    output_tokens: usage.outputTokens,
    cached_tokens: read,
    cache_write_tokens: written,
  });
}

function toFinish(reason: StopReason | undefined): FinishReason {
  switch (reason) {
    case 'tool_use':
      return 'tool_calls';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'content_filtered':
    case 'guardrail_intervened':
      return 'content_filter';
    case 'malformed_model_output':
    case 'malformed_tool_use':
      throw new ModelError('bad_reply', 'the model wrote what Bedrock could not read');
    default:
      return 'stop';
  }
}
