import { isDeeperThan, type Json, type JsonObject, LIMITS } from '@planyard/contracts';
import type { OpenAI } from 'openai';
import type { ChatEvent, FinishReason, MoreFields } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { fromErrorReply, untilBroken } from '../failures.ts';
import {
  assembleCalls,
  type CallAssembly,
  type OpenCall,
  type RawToolCall,
  soundCalls,
} from '../tool-calls.ts';
import { errorText } from './error-text.ts';
import { toFinish } from './finish-reason.ts';
import { moreIn, moreOfCall, moreOfUsage } from './more-fields.ts';
import { usageOf } from './usage.ts';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;
type Completion = OpenAI.Chat.Completions.ChatCompletion;
/** The SDK's type of a chunk does not know the calls of custom tools. */
type Piece = NonNullable<Chunk['choices'][number]['delta']['tool_calls']>[number] & {
  custom?: { name?: string; input?: string };
};
/** What servers add to OpenAI's delta. */
type Delta = Chunk['choices'][number]['delta'] & { reasoning_content?: unknown; reasoning?: unknown };

/** Chunks as our events. Tool calls come in pieces by index and are told whole before the finish, with `live` in their pieces too. With its finish reason a reply is whole: a connection that breaks after it takes its usage alone. Throws `bad_reply` for a stream that ends without one or whose tool call is not JSON. */
export async function* toChatEvents(
  chunks: AsyncIterable<Chunk> | Iterable<Chunk>,
  onPiece?: () => void,
  live = false,
): AsyncIterable<ChatEvent> {
  const calls = assembleCalls(live);
  const open = new Map<number, Open>();
  let finish: FinishReason | null = null;
  let usage: ChatEvent[] = [];
  /** Fields that say nothing by themselves: nothing is passed on before a part of the answer. */
  let held: MoreFields | null = null as MoreFields | null;
  const more = (fields: MoreFields): ChatEvent => {
    const event = { type: 'more' as const, ...held, ...fields };
    held = null;
    return event;
  };
  /** What stands in every chunk is told once. */
  let replyTold = '';
  const isNew = (reply: JsonObject | undefined): reply is JsonObject => {
    const text = reply === undefined ? replyTold : JSON.stringify(reply);
    if (text === replyTold) return false;
    replyTold = text;
    return true;
  };
  for await (const chunk of untilBroken(chunks, () => finish !== null)) {
    onPiece?.();
    // Whoever writes what it holds recurses.
    if (isDeeperThan(chunk, LIMITS.json_depth))
      throw new ModelError('bad_reply', 'the reply is nested too deeply');
    const choice = chunk.choices?.[0];
    const delta: Delta | undefined = choice?.delta;
    const { reply, ...added } = moreIn(chunk, choice, delta) ?? {};
    if (isNew(reply)) held = { ...held, reply };
    if (added.message) yield more(added);
    else if (added.choice) held = { ...held, ...added };
    for (const event of eventsOf(choice, delta)) {
      if (held) yield more({});
      yield event;
    }
    for (const piece of delta?.tool_calls ?? [])
      for (const event of addPiece(calls, open, piece)) {
        if (held) yield more({});
        yield event;
      }
    if (choice?.finish_reason) finish = toFinish(choice.finish_reason);
    const told = usageOf(chunk);
    if (!told) continue;
    const moreUsage = moreOfUsage(chunk.usage);
    usage = [...(moreUsage ? [{ type: 'more' as const, ...moreUsage }] : []), { type: 'usage', usage: told }];
    // Beside calls it waits until they are known to be sound.
    if (calls.size > 0) continue;
    yield* usage;
    usage = [];
  }
  if (finish === null) throw new ModelError('bad_reply', 'the reply was cut off before its end');
  const told = usage.find((event) => event.type === 'usage');
  const reason = finish;
  const whole = soundCalls(() => calls.end(reason), told?.usage ?? null);
  if (held) yield more({});
  yield* usage;
  yield* whole;
  yield { type: 'finish', reason: calls.size > 0 && finish === 'stop' ? 'tool_calls' : finish };
}

/** What a piece says itself. */
function* eventsOf(
  choice: Chunk['choices'][number] | undefined,
  delta: Delta | undefined,
): Iterable<ChatEvent> {
  const reasoning = delta?.reasoning_content ?? delta?.reasoning;
  if (typeof reasoning === 'string' && reasoning !== '') yield { type: 'reasoning', text: reasoning };
  if (delta?.refusal) yield { type: 'refusal', text: delta.refusal };
  for (const said of contentOf(delta?.content))
    yield {
      ...said,
      ...(said.type === 'text' && choice?.logprobs ? { logprobs: choice.logprobs as unknown as Json } : {}),
    };
}

/** Text, or parts of text and thinking, as Mistral's models give them. */
function* contentOf(content: unknown): Iterable<{ type: 'text' | 'reasoning'; text: string }> {
  if (typeof content === 'string' && content !== '') yield { type: 'text', text: content };
  if (!Array.isArray(content)) return;
  for (const part of content as ({ type?: unknown; text?: unknown; thinking?: unknown } | null)[]) {
    if (part?.type === 'text') yield* contentOf(part.text);
    if (part?.type === 'thinking')
      for (const { text } of contentOf(part.thinking)) yield { type: 'reasoning', text };
  }
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

/** The last call with an index, and the id that the server gave it, if it did. */
interface Open {
  id: string | null;
  call: OpenCall;
}

/** Some servers give every parallel call the same index, or none: a new id with a name begins a new call. */
function* addPiece(calls: CallAssembly, opened: Map<number, Open>, piece: Piece): Iterable<ChatEvent> {
  const index = piece.index ?? 0;
  const raw = rawOf(piece);
  const last = opened.get(index);
  if (last && !(raw.id && last.id && raw.id !== last.id && raw.name)) {
    last.id ??= raw.id || null;
    yield* calls.extend(last.call, raw);
    return;
  }
  const call = calls.begin(raw);
  opened.set(index, { id: raw.id || null, call });
  yield* calls.extend(call, raw);
}

function rawOf(piece: Piece): RawToolCall {
  const { id, function: called, custom } = piece;
  const more = moreOfCall(piece);
  if (custom) return { id, name: custom.name, arguments: custom.input, custom: true, more };
  return { id, name: called?.name, arguments: called?.arguments, more };
}
