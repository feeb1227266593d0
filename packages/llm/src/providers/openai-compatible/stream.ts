import type { Json } from '@planyard/contracts';
import type { OpenAI } from 'openai';
import type { ChatEvent, FinishReason } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { fromErrorReply } from '../failures.ts';
import { assembleCalls, type CallAssembly, type OpenCall, type RawToolCall } from '../tool-calls.ts';
import { errorText } from './error-text.ts';
import { toFinish } from './finish-reason.ts';
import { usageOf } from './usage.ts';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;
type Completion = OpenAI.Chat.Completions.ChatCompletion;
/** The SDK's type of a chunk does not know the calls of custom tools. */
type Piece = NonNullable<Chunk['choices'][number]['delta']['tool_calls']>[number] & {
  custom?: { name?: string; input?: string };
};
/** What servers add to OpenAI's delta. */
type Delta = Chunk['choices'][number]['delta'] & { reasoning_content?: unknown; reasoning?: unknown };

/** Chunks as our events. Tool calls come in pieces by index and are told whole before the finish, with `live` in their pieces too. Throws `bad_reply` for a stream that ends without a finish reason or whose tool call is not JSON. */
export async function* toChatEvents(
  chunks: AsyncIterable<Chunk> | Iterable<Chunk>,
  onPiece?: () => void,
  live = false,
): AsyncIterable<ChatEvent> {
  const calls = assembleCalls(live);
  const open: Open[] = [];
  let finish: FinishReason | null = null;
  for await (const chunk of chunks) {
    onPiece?.();
    const choice = chunk.choices?.[0];
    const delta: Delta | undefined = choice?.delta;
    const reasoning = delta?.reasoning_content ?? delta?.reasoning;
    if (typeof reasoning === 'string' && reasoning !== '') yield { type: 'reasoning', text: reasoning };
    if (delta?.refusal) yield { type: 'refusal', text: delta.refusal };
    if (delta?.content)
      yield {
        type: 'text',
        text: delta.content,
        ...(choice?.logprobs ? { logprobs: choice.logprobs as unknown as Json } : {}),
      };
    for (const piece of delta?.tool_calls ?? []) yield* addPiece(calls, open, piece);
    if (choice?.finish_reason) finish = toFinish(choice.finish_reason);
    const usage = usageOf(chunk.usage);
    if (usage) yield { type: 'usage', usage };
  }
  if (finish === null) throw new ModelError('bad_reply', 'the reply was cut off before its end');
  yield* calls.end(finish);
  yield { type: 'finish', reason: calls.size > 0 && finish === 'stop' ? 'tool_calls' : finish };
}

/** A whole reply as the one chunk that says the same. Some servers put an error into a reply of status 200, or nothing: throws `ModelError`. */
export function asChunk(provider: string, completion: Completion & { error?: unknown }): Chunk {
  if (completion?.error) throw fromErrorReply(provider, errorText(completion.error));
  if (!Array.isArray(completion?.choices))
    throw new ModelError('bad_reply', `${provider} answered without a choice`);
  return {
    ...completion,
    object: 'chat.completion.chunk',
    choices: completion.choices.map(({ message, ...choice }) => ({
      ...choice,
      delta: {
        ...message,
        tool_calls: (message?.tool_calls ?? []).map((call, index) => ({ index, ...call })),
      } as Delta,
    })),
  };
}

/** A call by the index and the id that the server gave it, if it did. */
interface Open {
  index: number;
  id: string | null;
  call: OpenCall;
}

/** Some servers give every parallel call the same index, or none: a new id with a name begins a new call. */
function* addPiece(calls: CallAssembly, opened: Open[], piece: Piece): Iterable<ChatEvent> {
  const index = piece.index ?? 0;
  const raw = rawOf(piece);
  const last = opened.findLast((each) => each.index === index);
  if (last && !(raw.id && last.id && raw.id !== last.id && raw.name)) {
    last.id ??= raw.id || null;
    yield* calls.extend(last.call, raw);
    return;
  }
  const call = calls.begin(raw);
  opened.push({ index, id: raw.id || null, call });
  yield* calls.extend(call, raw);
}

function rawOf({ id, function: called, custom }: Piece): RawToolCall {
  if (custom) return { id, name: custom.name, arguments: custom.input, custom: true };
  return { id, name: called?.name, arguments: called?.arguments };
}
