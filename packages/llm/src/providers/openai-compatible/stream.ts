import type { OpenAI } from 'openai';
import type { ChatEvent, FinishReason, ToolCall } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;
type Delta = Chunk['choices'][number]['delta'] & { reasoning_content?: unknown; reasoning?: unknown };

/** Chunks as our events. Tool calls come in pieces by index and are passed on whole, before the finish. Throws `bad_reply` for a stream that ends without a finish reason or whose tool call is not JSON. */
export async function* toChatEvents(chunks: AsyncIterable<Chunk>): AsyncIterable<ChatEvent> {
  const calls = new Map<number, ToolCall>();
  let finish: FinishReason | null = null;
  for await (const chunk of chunks) {
    const choice = chunk.choices?.[0];
    const delta: Delta | undefined = choice?.delta;
    if (delta?.content) yield { type: 'text', text: delta.content };
    const reasoning = delta?.reasoning_content ?? delta?.reasoning;
    if (typeof reasoning === 'string' && reasoning !== '') yield { type: 'reasoning', text: reasoning };
    for (const piece of delta?.tool_calls ?? []) {
      const call = calls.get(piece.index ?? 0) ?? { id: '', name: '', arguments: '' };
      calls.set(piece.index ?? 0, {
        id: call.id || piece.id || '',
        name: call.name || piece.function?.name || '',
        arguments: call.arguments + (piece.function?.arguments ?? ''),
      });
    }
    if (choice?.finish_reason) finish = toFinish(choice.finish_reason);
    if (chunk.usage)
      yield {
        type: 'usage',
        usage: {
          input_tokens: chunk.usage.prompt_tokens ?? 0,
          output_tokens: chunk.usage.completion_tokens ?? 0,
          cached_tokens: chunk.usage.prompt_tokens_details?.cached_tokens ?? 0,
        },
      };
  }
  if (finish === null) throw new ModelError('bad_reply', 'the reply was cut off before its end');
  for (const [index, call] of calls) yield { type: 'tool_call', call: checked(call, index) };
  yield { type: 'finish', reason: calls.size > 0 ? 'tool_calls' : finish };
}

function checked(call: ToolCall, index: number): ToolCall {
  const whole = { ...call, id: call.id || `call_${index}`, arguments: call.arguments.trim() || '{}' };
  try {
    JSON.parse(whole.arguments);
  } catch (cause) {
    throw new ModelError('bad_reply', `the arguments of the tool call ${call.name} are not JSON`, { cause });
  }
  return whole;
}

function toFinish(reason: NonNullable<Chunk['choices'][number]['finish_reason']>): FinishReason {
  return reason === 'function_call' ? 'tool_calls' : reason;
}
