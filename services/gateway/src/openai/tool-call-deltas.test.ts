import { setTimeout as wait } from 'node:timers/promises';
import { chunkOf, type Piece, streamReply, toolCallReply } from '@planyard/llm/testing';
import type OpenAI from 'openai';
import { expect, it } from 'vitest';
import { openAiAtDoor } from '../testing/openai-at-door.ts';

const { door, client } = await openAiAtDoor();

const model = 'openai/gpt-5-mini';
const parameters = { type: 'object', properties: {} };
const chat = {
  model,
  messages: [{ role: 'user' as const, content: 'Bern?' }],
  tools: [{ type: 'function' as const, function: { name: 'weather', parameters } }],
  stream: true as const,
};
const response = {
  model,
  input: 'Bern?',
  tools: [{ type: 'function' as const, name: 'weather', parameters, strict: false }],
  stream: true as const,
};
const call = (rest: object) => chunkOf({ delta: { tool_calls: [{ index: 0, ...rest }] } });
const begin = call({ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } });
const more = (text: string) => call({ function: { arguments: text } });
const end = [chunkOf({ delta: {}, finish_reason: 'tool_calls' }), 'data: [DONE]\n\n'];

/** The upstream holds back what follows its first piece until `go` is called. */
function playHeldBack(after: Piece[]): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  door.play(streamReply([begin, more('{"city":'), { until: promise }, ...after]));
  return resolve;
}

it('a piece of a call is there before the upstream has said the next', async () => {
  const go = playHeldBack([more('"Bern"'), more('}'), ...end]);
  const stream = await client.chat.completions.create(chat);
  const pieces: string[] = [];
  const ids = new Set<string>();
  for await (const { choices } of stream)
    for (const piece of choices[0]?.delta.tool_calls ?? []) {
      if (piece.id) ids.add(`${piece.id} ${piece.type} ${piece.function?.name}`);
      pieces.push(piece.function?.arguments ?? '');
      go();
    }
  expect(pieces).toEqual(['{"city":', '"Bern"', '}']);
  expect([...ids]).toEqual(['call_1 function weather']);
});

it('the same of the Responses API, in its events and in their order', async () => {
  const go = playHeldBack([more('"Bern"}'), ...end]);
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  for await (const event of await client.responses.create(response)) {
    events.push(event);
    if (event.type === 'response.function_call_arguments.delta') go();
  }
  expect(events.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ]);
  const item = {
    type: 'function_call',
    call_id: 'call_1',
    arguments: '{"city":"Bern"}',
    status: 'completed',
  };
  expect(events.at(-2)).toMatchObject({ item });
  expect(events.at(-1)).toMatchObject({ response: { output: [item], status: 'completed' } });
});

it('arguments that are no JSON in the end are an error in the stream, never a finish', async () => {
  door.play(streamReply([begin, more('{"city":'), more(']'), ...end]));
  const finishes: unknown[] = [];
  const read = async () => {
    for await (const { choices } of await client.chat.completions.create(chat))
      finishes.push(choices[0]?.finish_reason);
  };
  await expect(read()).rejects.toThrow(/not a JSON object/);
  expect(finishes.filter(Boolean)).toEqual(['error']);
  const last = (await Array.fromAsync(await client.responses.create(response))).at(-1);
  expect(last).toMatchObject({ type: 'response.failed', response: { error: { code: 'model_bad_reply' } } });
});

it('a call that the token limit cut says so, and a silent caller of tools may leave at any time', async () => {
  door.play(
    streamReply([
      begin,
      more('{"city":'),
      chunkOf({ delta: {}, finish_reason: 'length' }),
      'data: [DONE]\n\n',
    ]),
  );
  const events = await Array.fromAsync(await client.responses.create(response));
  const item = { type: 'function_call', arguments: '{"city":', status: 'incomplete' };
  expect(events.at(-2)).toMatchObject({ type: 'response.output_item.done', item });
  expect(events.at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { output: [item], incomplete_details: { reason: 'max_output_tokens' } },
  });

  playHeldBack([]);
  door.upstream.requests.length = 0;
  const stream = await client.chat.completions.create(chat);
  for await (const { choices } of stream) if (choices[0]?.delta.tool_calls) break;
  const aborted = await Promise.race([door.upstream.requests[0]?.aborted, wait(5_000, 'still there')]);
  expect(aborted).toBe(true);
});

it('a custom tool’s call is passed on with its input, of both APIs', async () => {
  const custom = (rest: object) => chunkOf({ delta: { tool_calls: [{ index: 0, ...rest }] } });
  door.play(
    streamReply([
      custom({ id: 'call_1', type: 'custom', custom: { name: 'sql', input: 'select ' } }),
      custom({ custom: { input: '1' } }),
      ...end,
    ]),
  );
  const chunks = await Array.fromAsync(
    await client.chat.completions.create({ ...chat, tools: [{ type: 'custom', custom: { name: 'sql' } }] }),
  );
  const deltas = chunks.flatMap(({ choices }) => (choices[0]?.delta.tool_calls ?? []) as object[]);
  expect(deltas).toEqual([
    { index: 0, id: 'call_1', type: 'custom', custom: { name: 'sql', input: 'select ' } },
    { index: 0, custom: { input: '1' } },
  ]);
  const grammar = { type: 'grammar' as const, syntax: 'regex' as const, definition: '.*' };
  const events = await Array.fromAsync(
    await client.responses.create({ ...response, tools: [{ type: 'custom', name: 'sql', format: grammar }] }),
  );
  expect(door.upstream.requests.at(-1)?.body.tools).toEqual([
    {
      type: 'custom',
      custom: { name: 'sql', format: { type: 'grammar', grammar: { syntax: 'regex', definition: '.*' } } },
    },
  ]);
  expect(events.find(({ type }) => type === 'response.custom_tool_call_input.done')).toMatchObject({
    input: 'select 1',
  });
  expect(events.at(-1)).toMatchObject({
    response: { output: [{ type: 'custom_tool_call', call_id: 'call_1', name: 'sql', input: 'select 1' }] },
  });
});

it('a call without an id gets one, the same in every piece', async () => {
  const { pieces } = toolCallReply('weather', { city: 'Bern' });
  door.play(streamReply(pieces.map((piece) => String(piece).replace('"id":"call_1",', ''))));
  const message = (await client.chat.completions.stream(chat).finalChatCompletion()).choices[0]?.message;
  expect(message?.tool_calls).toMatchObject([
    { id: expect.stringMatching(/^call_\w{32}$/), function: { arguments: '{"city":"Bern"}' } },
  ]);
});
