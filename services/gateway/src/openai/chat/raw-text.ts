import type { RawPiece } from '@planyard/llm';
import { createParser } from 'eventsource-parser';
import { z } from 'zod';

const Text = z.string().nullish();
const Said = z.object({
  content: Text,
  refusal: Text,
  reasoning_content: Text,
  reasoning: Text,
  tool_calls: z.array(z.json()).nullish(),
});
const Reply = z.object({ choices: z.array(z.object({ delta: Said.optional(), message: Said.optional() })) });

/** What an answer in OpenAI's bytes says, streamed or whole, as far as it came. */
export function rawText(pieces: RawPiece[]): string {
  const text = Buffer.concat(pieces.map((piece) => piece.bytes)).toString('utf8');
  const said: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => said.push(saidIn(data)) });
  if (text.startsWith('{')) return saidIn(text);
  parser.feed(text);
  return said.join('');
}

function saidIn(data: string): string {
  try {
    const reply = Reply.safeParse(JSON.parse(data));
    if (!reply.success) return '';
    const parts = reply.data.choices.flatMap(({ delta, message }) => [delta, message]);
    return parts.map(textOf).join('');
  } catch {
    // `[DONE]`, or an event that was cut.
    return '';
  }
}

function textOf(said: z.infer<typeof Said> | undefined): string {
  if (!said) return '';
  const { content, refusal, reasoning_content, reasoning, tool_calls } = said;
  const calls = tool_calls?.length ? JSON.stringify(tool_calls) : '';
  return `${reasoning_content ?? reasoning ?? ''}${content ?? ''}${refusal ?? ''}${calls}`;
}
