import type { OpenAI } from 'openai';
import { expect, test } from 'vitest';
import { asChunk, toChatEvents } from './stream.ts';

test('a reply may hold very many calls', async () => {
  const tool_calls = Array.from({ length: 50_000 }, (_, at) => ({
    id: `call-${at}`,
    type: 'function',
    function: { name: 'look', arguments: `{"at":${at}}` },
  }));
  const message = { role: 'assistant', content: null, tool_calls };
  const reply = { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] };
  const chunk = asChunk('openai', reply as unknown as OpenAI.Chat.Completions.ChatCompletion);
  let last = '';
  for await (const event of toChatEvents([chunk]))
    if (event.type === 'tool_call') last = event.call.arguments;
  expect(last).toBe('{"at":49999}');
});
