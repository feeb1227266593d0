import { errorReply, piecesReply, textReply } from '@planyard/llm/testing';
import type OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { completionReply, jsonReply } from '../testing/completion-reply.ts';
import { openAiAtDoor } from '../testing/openai-at-door.ts';

const { door, client } = await openAiAtDoor();

const model = 'openai/gpt-5-mini';
const withLogprobs = (token: object) => ({
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hi' },
      logprobs: { content: [token] },
      finish_reason: 'stop',
    },
  ],
});

it('responses: whole, streamed with every event in order, and tools', async () => {
  door.play(textReply('Hello there', { chunk: 3 }));
  const asked = { model, instructions: 'Be kind', input: 'Grüße' };
  const stream = client.responses.stream(asked);
  const types: string[] = [];
  const numbers: number[] = [];
  for await (const event of stream) {
    types.push(event.type);
    numbers.push(event.sequence_number);
  }
  const final = await stream.finalResponse();
  expect(final.output_text).toBe('Hello there');
  expect(final.usage).toMatchObject({ input_tokens: 100, output_tokens: 20, total_tokens: 120 });
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect([...new Set(types)]).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  const messages = door.upstream.requests[0]?.body.messages;
  expect(messages).toEqual([
    { role: 'system', content: 'Be kind' },
    { role: 'user', content: 'Grüße' },
  ]);

  const weather = { name: 'weather', arguments: '{"city":"Bern"}' };
  door.play(
    completionReply({ tool_calls: [{ id: 'call_1', type: 'function', function: weather }] }),
    completionReply({ content: 'It is 3°.' }),
  );
  const tools = [
    { type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false },
  ];
  const called = await client.responses.create({ ...asked, tools, stream: false });
  const [call] = called.output;
  expect(call).toMatchObject({ type: 'function_call', name: 'weather', arguments: '{"city":"Bern"}' });
  const answered = await client.responses.create({
    model,
    tools,
    input: [
      { role: 'user', content: 'Grüße' },
      ...(called.output as OpenAI.Responses.ResponseInputItem[]),
      { type: 'function_call_output', call_id: 'call_1', output: '3°' },
    ],
  });
  expect(answered.output_text).toBe('It is 3°.');

  const Answer = z.object({ city: z.string() });
  door.play(completionReply({ content: '{"city":"Bern"}' }));
  const parsed = await client.responses.parse({
    ...asked,
    text: { format: zodTextFormat(Answer, 'answer') },
  });
  expect(parsed.output_parsed).toEqual({ city: 'Bern' });
});

it('pictures of tools’ results follow all results of the turn, as the user’s', async () => {
  door.play(completionReply({ content: 'Two squares.' }));
  const call = (call_id: string): OpenAI.Responses.ResponseInputItem => ({
    type: 'function_call',
    call_id,
    name: 'screenshot',
    arguments: '{}',
  });
  const output = (call_id: string, image: string): OpenAI.Responses.ResponseInputItem => ({
    type: 'function_call_output',
    call_id,
    output: [{ type: 'input_image', image_url: `data:image/png;base64,${image}` }],
  });
  await client.responses.create({
    model,
    input: [
      call('a'),
      call('b'),
      output('a', 'AAAA'),
      output('b', 'BBBB'),
      { role: 'user', content: 'Well?' },
    ],
    tools: [{ type: 'function', name: 'screenshot', parameters: { type: 'object' }, strict: false }],
  });
  const picture = (image: string) => ({
    type: 'image_url',
    image_url: { url: `data:image/png;base64,${image}` },
  });
  expect(door.upstream.requests.at(-1)?.body.messages).toMatchObject([
    { role: 'assistant', tool_calls: [{ id: 'a' }, { id: 'b' }] },
    { role: 'tool', tool_call_id: 'a' },
    { role: 'tool', tool_call_id: 'b' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Of the result of a:' },
        picture('AAAA'),
        { type: 'text', text: 'Of the result of b:' },
        picture('BBBB'),
      ],
    },
    { role: 'user', content: 'Well?' },
  ]);
});

it('a response’s fields that are the model’s to judge reach it, log probabilities in its own words', async () => {
  const token = { token: 'Hi', logprob: -0.1, bytes: null, top_logprobs: [] };
  door.play(jsonReply(withLogprobs(token)));
  const response = await client.responses.create({
    model,
    input: 'x',
    include: ['message.output_text.logprobs'],
    top_logprobs: 2,
    service_tier: 'flex',
    truncation: 'disabled',
    reasoning: { effort: 'none' },
    ...{ some_new_field: 1 },
  });
  expect(door.upstream.requests[0]?.body).toEqual({
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: 'x' }],
    stream: false,
    logprobs: true,
    top_logprobs: 2,
    service_tier: 'flex',
    reasoning_effort: 'none',
    some_new_field: 1,
  });
  expect(response.output[0]).toMatchObject({ content: [{ text: 'Hi', logprobs: [token] }] });
});

it('responses that fail: before the first word with a status, after it in the stream', async () => {
  door.play(errorReply(400, 'no such thing'));
  await expect(client.responses.create({ model, input: 'x' })).rejects.toMatchObject({ status: 400 });
  await expect(
    client.responses.create({ model, input: 'x', previous_response_id: 'resp_1' }),
  ).rejects.toMatchObject({ status: 400, param: 'previous_response_id' });
  await expect(
    client.responses.create({ model, input: [{ type: 'item_reference', id: 'msg_unknown' }] }),
  ).rejects.toMatchObject({ status: 400, param: 'input[0].id' });
  door.play(piecesReply(['half ', 'cut']));
  const events = await client.responses.create({ model, input: 'x', stream: true });
  const last = (await Array.fromAsync(events)).at(-1);
  expect(last).toMatchObject({ type: 'response.failed', response: { status: 'failed' } });
});
