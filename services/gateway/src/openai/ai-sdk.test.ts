import { createOpenAI } from '@ai-sdk/openai';
import { piecesReply, textReply, toolCallReply } from '@planyard/llm/testing';
import { embed, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { completionReply, jsonReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';

let door: ModelDoor;

beforeAll(async () => {
  door = await openModelDoor(inject('redisUrl'));
});
afterAll(() => door?.close());
beforeEach(() => {
  door.upstream.requests.length = 0;
});

const provider = () => createOpenAI({ apiKey: door.apiKey, baseURL: door.baseURL });
const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } };
const weather = tool({
  description: 'x',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `3° in ${city}`,
});

describe.each([
  ['chat', () => provider().chat('openai/gpt-5-mini')],
  ['responses, the default', () => provider()('openai/gpt-5-mini')],
] as const)('%s', (_name, modelOf) => {
  it('generateText', async () => {
    door.play(completionReply({ content: 'Guten Tag' }));
    const result = await generateText({ model: modelOf(), prompt: 'Grüße' });
    expect(result.text).toBe('Guten Tag');
    expect(result.usage).toMatchObject({ inputTokens: 9, outputTokens: 3 });
    expect(result.finishReason).toBe('stop');
  });

  it('streamText', async () => {
    door.play(textReply('Hello there', { chunk: 3 }));
    const result = streamText({ model: modelOf(), prompt: 'Grüße' });
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces).toEqual(['Hel', 'lo ', 'the', 're']);
    expect(await result.usage).toMatchObject({ inputTokens: 100, outputTokens: 20 });
  });

  it('a stream that is cut is an error', async () => {
    door.play(piecesReply(['half ', 'cut']));
    const heard: unknown[] = [];
    const result = streamText({
      model: modelOf(),
      prompt: 'Grüße',
      onError: ({ error }) => {
        heard.push(error);
      },
    });
    await result.consumeStream();
    expect(JSON.stringify(heard)).toContain('model_unavailable');
  });

  it('a tool loop, whole and streamed', async () => {
    door.play(
      completionReply({ content: 'I look.', tool_calls: [call] }),
      completionReply({ content: 'It is 3°.' }),
    );
    const whole = await generateText({
      model: modelOf(),
      prompt: 'Bern?',
      tools: { weather },
      stopWhen: stepCountIs(3),
    });
    expect(whole.text).toBe('It is 3°.');
    expect(door.upstream.requests[1]?.body.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: 'I look.', tool_calls: [{ id: 'call_1' }] },
      { role: 'tool', content: '3° in Bern' },
    ]);

    door.play(toolCallReply('weather', { city: 'Bern' }), textReply('It is 3°.'));
    const streamed = streamText({
      model: modelOf(),
      prompt: 'Bern?',
      tools: { weather },
      stopWhen: stepCountIs(3),
    });
    expect(await streamed.text).toBe('It is 3°.');
    expect((await streamed.steps).map((step) => step.toolCalls.length)).toEqual([1, 0]);
  });

  it('a tool’s input is streamed in pieces', async () => {
    door.play(toolCallReply('weather', { city: 'Bern' }), textReply('It is 3°.'));
    const { fullStream } = streamText({ model: modelOf(), prompt: 'Bern?', tools: { weather } });
    const parts = await Array.fromAsync(fullStream);
    const deltas = parts.flatMap((part) => (part.type === 'tool-input-delta' ? [part.delta] : []));
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join('')).toBe('{"city":"Bern"}');
    expect(parts.find(({ type }) => type === 'tool-call')).toMatchObject({ input: { city: 'Bern' } });
  });

  it('an object by schema, streamed', async () => {
    door.play(textReply('{"city":"Bern"}', { chunk: 4 }));
    const output = Output.object({ schema: z.object({ city: z.string() }) });
    const { partialOutputStream, output: whole } = streamText({ model: modelOf(), prompt: 'Bern?', output });
    expect((await Array.fromAsync(partialOutputStream)).at(-1)).toEqual({ city: 'Bern' });
    expect(await whole).toEqual({ city: 'Bern' });
  });

  it('an object by schema', async () => {
    door.play(completionReply({ content: '{"city":"Bern"}' }));
    const result = await generateText({
      model: modelOf(),
      prompt: 'Bern?',
      output: Output.object({ schema: z.object({ city: z.string() }) }),
    });
    expect(result.output).toEqual({ city: 'Bern' });
  });
});

it('embed', async () => {
  door.play(
    jsonReply({ data: [{ index: 0, embedding: [1, 2] }], usage: { prompt_tokens: 2, total_tokens: 2 } }),
  );
  const model = provider().embedding('openai/text-embedding-3-small');
  expect(await embed({ model, value: 'hello' })).toMatchObject({ embedding: [1, 2], usage: { tokens: 2 } });
});
