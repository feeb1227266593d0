import { z } from 'zod';
import type { ChatEvent, FinishReason } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { toldUsage } from '../told-usage.ts';
import { type RawToolCall, soundCalls, toToolCalls } from '../tool-calls.ts';
import { toError } from './errors.ts';

const Line = z.object({
  message: z
    .object({
      content: z.string().nullish(),
      thinking: z.string().nullish(),
      tool_calls: z
        .array(
          z.object({
            id: z.string().nullish(),
            function: z.object({ name: z.string(), arguments: z.unknown() }),
          }),
        )
        .nullish(),
    })
    .nullish(),
  done: z.boolean().default(false),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.unknown().optional(),
  eval_count: z.unknown().optional(),
});

/** Lines of JSON, or the one object of a whole reply, as our events. Throws `bad_reply` for a reply without its `done` line. */
export async function* toChatEvents(
  body: AsyncIterable<Uint8Array> | null,
  provider: string,
  onPiece?: () => void,
): AsyncIterable<ChatEvent> {
  const calls: RawToolCall[] = [];
  for await (const text of linesOf(body)) {
    onPiece?.();
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && 'error' in value)
      throw toError(provider, undefined, value);
    const line = Line.safeParse(value);
    if (!line.success) throw new ModelError('bad_reply', `${provider} sent a line that is no part of a chat`);
    const { message, done, done_reason, prompt_eval_count, eval_count } = line.data;
    if (message?.thinking) yield { type: 'reasoning', text: message.thinking };
    if (message?.content) yield { type: 'text', text: message.content };
    for (const call of message?.tool_calls ?? [])
      calls.push({ id: call.id, name: call.function.name, arguments: argumentsOf(call.function.arguments) });
    if (!done) continue;
    const finish: FinishReason = done_reason === 'length' ? 'length' : 'stop';
    // Older versions leave out the count of a prompt that they had cached whole: half a usage is none.
    const usage =
      eval_count == null || prompt_eval_count == null
        ? null
        : toldUsage({ input_tokens: prompt_eval_count, output_tokens: eval_count });
    const whole = () => toToolCalls(calls, finish).map((call) => ({ type: 'tool_call' as const, call }));
    yield* soundCalls(whole, usage);
    if (usage) yield { type: 'usage', usage };
    yield { type: 'finish', reason: calls.length > 0 && finish === 'stop' ? 'tool_calls' : finish };
    return;
  }
  throw new ModelError('bad_reply', 'the reply was cut off before its end');
}

function argumentsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {});
}

async function* linesOf(body: AsyncIterable<Uint8Array> | null): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body ?? []) {
    const [first = '', ...lines] = decoder.decode(bytes, { stream: true }).split('\n');
    rest += first;
    for (const line of lines) {
      if (rest.trim() !== '') yield rest;
      rest = line;
    }
  }
  if (rest.trim() !== '') yield rest;
}
