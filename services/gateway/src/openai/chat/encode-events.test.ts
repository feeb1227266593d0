import type { ChatEvent } from '@planyard/llm';
import { expect, test } from 'vitest';
import { encodeStream } from './encode-events.ts';

const FRAME = { id: 'chatcmpl-1', created: 0, model: 'm' };

/** The deltas of a streamed completion of these events. */
async function deltasOf(events: ChatEvent[]) {
  async function* all() {
    yield* events;
  }
  let text = '';
  for await (const { bytes } of encodeStream(all(), FRAME, { includeUsage: false })) text += bytes.toString();
  return [...text.matchAll(/^data: (\{.*)$/gm)].map(
    ([, chunk]) => JSON.parse(chunk as string).choices[0].delta,
  );
}

test('calls are numbered as they are told, whichever the model began first', async () => {
  const now = { id: 'a', name: 'now', arguments: '{}' };
  const find = { id: 'b', name: 'find', arguments: '{"q":1}' };
  const deltas = await deltasOf([
    // The first one has no arguments, and is told at the end.
    { type: 'tool_call_delta', index: 1, ...find, arguments: '{"q"', first: true },
    { type: 'tool_call_delta', index: 1, ...find, arguments: ':1}' },
    { type: 'tool_call', call: now },
    { type: 'tool_call', call: find, told: true },
    { type: 'finish', reason: 'tool_calls' },
  ]);
  expect(
    deltas
      .flatMap(({ tool_calls = [] }) => tool_calls)
      .map((call: { index: number; id?: string; function: { arguments: string } }) => [
        call.index,
        call.id,
        call.function.arguments,
      ]),
  ).toEqual([
    [0, 'b', '{"q"'],
    [0, undefined, ':1}'],
    [1, 'a', '{}'],
  ]);
});
