import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { textReply, toolCallReply } from '@planyard/llm/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { completionReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';

let door: ModelDoor;
let model: ChatOpenAI;

beforeAll(async () => {
  door = await openModelDoor(inject('redisUrl'));
  const { apiKey, baseURL } = door;
  model = new ChatOpenAI({ model: 'openai/gpt-5-mini', apiKey, configuration: { baseURL }, maxRetries: 0 });
});
afterAll(() => door?.close());
beforeEach(() => {
  door.upstream.requests.length = 0;
});

const hello = [new HumanMessage('Grüße')];
const weather = { name: 'weather', description: 'x', schema: z.object({ city: z.string() }) };

it('invoke', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  const message = await model.invoke(hello);
  expect(message.content).toBe('Guten Tag');
  expect(message.usage_metadata).toMatchObject({ input_tokens: 9, output_tokens: 3 });
});

it('stream', async () => {
  door.play(textReply('Hello there', { chunk: 3 }));
  const pieces: string[] = [];
  for await (const chunk of await model.stream(hello)) if (chunk.text) pieces.push(chunk.text);
  expect(pieces).toEqual(['Hel', 'lo ', 'the', 're']);
});

it('bindTools, streamed too', async () => {
  const bound = model.bindTools([weather]);
  door.play(toolCallReply('weather', { city: 'Bern' }));
  let whole: Awaited<ReturnType<typeof bound.invoke>> | undefined;
  for await (const chunk of await bound.stream(hello)) whole = whole ? whole.concat(chunk) : chunk;
  expect(whole?.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Bern' }, id: 'call_1' }]);
});

it('withStructuredOutput', async () => {
  door.play(completionReply({ content: '{"city":"Bern"}' }));
  const structured = model.withStructuredOutput(z.object({ city: z.string() }), { method: 'jsonSchema' });
  expect(await structured.invoke(hello)).toEqual({ city: 'Bern' });
  const call = { id: 'c', type: 'function', function: { name: 'extract', arguments: '{"city":"Bern"}' } };
  door.play(completionReply({ tool_calls: [call] }));
  const called = model.withStructuredOutput(z.object({ city: z.string() }), {
    method: 'functionCalling',
    name: 'extract',
  });
  expect(await called.invoke(hello)).toEqual({ city: 'Bern' });
});

it('the same by the Responses API: whole, streamed, tools, structured', async () => {
  const { apiKey, baseURL } = door;
  const fields = { apiKey, configuration: { baseURL }, maxRetries: 0, useResponsesApi: true };
  const responses = new ChatOpenAI({ model: 'openai/gpt-5-mini', ...fields });
  door.play(completionReply({ content: 'Guten Tag' }));
  const message = await responses.invoke(hello);
  expect(message.text).toBe('Guten Tag');
  expect(message.usage_metadata).toMatchObject({ input_tokens: 9, output_tokens: 3 });
  door.play(textReply('Hello there', { chunk: 3 }));
  const pieces: string[] = [];
  for await (const chunk of await responses.stream(hello)) if (chunk.text) pieces.push(chunk.text);
  expect(pieces).toEqual(['Hel', 'lo ', 'the', 're']);
  const bound = responses.bindTools([weather]);
  door.play(toolCallReply('weather', { city: 'Bern' }));
  let whole: Awaited<ReturnType<typeof bound.invoke>> | undefined;
  for await (const chunk of await bound.stream(hello)) whole = whole ? whole.concat(chunk) : chunk;
  expect(whole?.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Bern' }, id: 'call_1' }]);
  door.play(completionReply({ content: '{"city":"Bern"}' }));
  const structured = responses.withStructuredOutput(z.object({ city: z.string() }), { method: 'jsonSchema' });
  expect(await structured.invoke(hello)).toEqual({ city: 'Bern' });
});
