import {
  type ModelServer,
  piecesOf,
  type Said,
  startModelServer,
  streamed,
  WIRES,
} from '@planyard/llm/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { openGateway, type TestGateway } from '../testing/open-gateway.ts';

const NAMES = ['anthropic', 'bedrock', 'ollama'] as const;
const MODELS = {
  anthropic: 'claude-haiku-5-5',
  bedrock: 'eu.anthropic.claude-haiku-4-5-20251001-v1:0',
  ollama: 'qwen3',
};
const hello = [{ role: 'user' as const, content: 'Grüße' }];
const USAGE = { input: 120, output: 30 };

let upstream: ModelServer;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  // Bedrock's credentials come from AWS's own chain.
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  upstream = await startModelServer();
  gateway = await openGateway(inject('redisUrl'), {
    ANTHROPIC_API_KEY: 'sk-upstream-secret',
    ANTHROPIC_BASE_URL: upstream.origin,
    PLANYARD_BEDROCK_REGION: 'eu-west-1',
    PLANYARD_BEDROCK_ENDPOINT: upstream.origin,
    OLLAMA_BASE_URL: upstream.origin,
  });
  const apiKey = await gateway.key(['models:call']);
  client = new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
});
afterAll(async () => {
  await gateway?.close();
  await upstream?.close();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  upstream.requests.length = 0;
});

/** The upstream says this, streamed or whole as it is asked. */
function says(name: (typeof NAMES)[number], said: Said) {
  const wire = WIRES[name];
  upstream.script([
    {
      when: () => true,
      replies: ({ body, path }) =>
        body.stream === false || path.endsWith('/converse') || (name === 'anthropic' && !body.stream)
          ? wire.whole(said)
          : streamed(wire, said),
    },
  ]);
}

describe.each(NAMES)('a client of OpenAI’s API and a model of %s', (name) => {
  const model = `${name}/${MODELS[name]}`;

  it('streams text, with usage at the end', async () => {
    says(name, { text: ['Guten ', 'Tag 🚀'], finish: 'stop', usage: USAGE });
    const stream = client.chat.completions.stream({
      model,
      messages: hello,
      stream_options: { include_usage: true },
    });
    const texts: string[] = [];
    stream.on('content.delta', ({ delta }) => texts.push(delta));
    const completion = await stream.finalChatCompletion();
    expect(texts).toEqual(['Guten ', 'Tag 🚀']);
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(completion.usage).toMatchObject({ prompt_tokens: 120, completion_tokens: 30 });
  });

  it('calls tools in parallel, streamed and whole, and takes their results', async () => {
    const calls = [
      { id: 'call_a', name: 'weather', args: { city: 'Bern' } },
      { id: 'call_b', name: 'weather', args: { city: 'Genf' } },
    ];
    says(name, { calls, finish: 'tool_calls', usage: USAGE });
    const request = {
      model,
      messages: hello,
      tools: [
        {
          type: 'function' as const,
          function: { name: 'weather', parameters: { type: 'object', properties: {} } },
        },
      ],
    };
    const expected = calls.map(({ id, args }) => ({
      id,
      type: 'function',
      function: { name: 'weather', arguments: JSON.stringify(args) },
    }));
    const whole = await client.chat.completions.create(request);
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: expected },
    });
    const live = await client.chat.completions.stream(request).finalChatCompletion();
    expect(live.choices[0]?.message.tool_calls).toMatchObject(expected);

    says(name, { text: ['3°'], finish: 'stop', usage: USAGE });
    const answer = await client.chat.completions.create({
      ...request,
      messages: [
        ...hello,
        ...whole.choices.map(({ message }) => message),
        { role: 'tool', tool_call_id: 'call_a', content: '3°' },
        { role: 'tool', tool_call_id: 'call_b', content: '5°' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('3°');
    expect(upstream.requests.at(-1)?.prompt).toContain('5°');
  });

  it.skipIf(name === 'ollama')('tells signed reasoning with its text, and takes it back so', async () => {
    const reasoning = { text: 'Hm, a greeting.', signature: 'SIG' };
    says(name, { reasoning, text: ['Guten Tag'], finish: 'stop', usage: USAGE });
    const whole = await client.chat.completions.create({ model, messages: hello });
    const details: unknown[] = [];
    for await (const { choices } of await client.chat.completions.create({
      model,
      messages: hello,
      stream: true,
    }))
      details.push(
        ...((choices[0]?.delta as { reasoning_details?: unknown[] } | undefined)?.reasoning_details ?? []),
      );
    const signed = [{ type: 'reasoning.text', ...reasoning }];
    expect(whole.choices[0]?.message).toMatchObject({ reasoning_details: signed });
    expect(details).toEqual(signed);
    const messages = [...hello, ...whole.choices.map(({ message }) => message), ...hello];
    await client.chat.completions.create({ model, messages });
    expect(JSON.stringify(upstream.requests.at(-1)?.body)).toContain('Hm, a greeting.');
  });

  it('shows a picture that is a tool’s result', async () => {
    says(name, { text: ['A red square.'], finish: 'stop', usage: USAGE });
    const answer = await client.responses.create({
      model,
      input: [
        { role: 'user', content: 'What is on the screen?' },
        { type: 'function_call', call_id: 'call_a', name: 'screenshot', arguments: '{}' },
        {
          type: 'function_call_output',
          call_id: 'call_a',
          output: [
            { type: 'input_text', text: 'Taken now' },
            { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'auto' },
          ],
        },
      ],
      tools: [{ type: 'function', name: 'screenshot', parameters: null, strict: false }],
    });
    expect(answer.output_text).toBe('A red square.');
    const told = JSON.stringify(upstream.requests.at(-1)?.body);
    expect(told).toMatch(/Taken now.*iVBORw0KGgo=/);
  });

  it('holds the reply to a JSON schema', async () => {
    says(name, { text: ['{"city":', '"Bern"}'], finish: 'stop', usage: USAGE });
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const completion = await client.chat.completions.create({
      model,
      messages: hello,
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema } },
    });
    expect(JSON.parse(completion.choices[0]?.message.content ?? '')).toEqual({ city: 'Bern' });
    expect(JSON.stringify(upstream.requests[0]?.body)).toContain('city');
  });

  it('gives any JSON object where no schema is named', async () => {
    const city = { city: 'Bern' };
    upstream.script([
      {
        when: () => true,
        replies: ({ body }) =>
          WIRES[name].whole(
            body.tools || body.toolConfig
              ? { calls: [{ id: 'a', name: 'json', args: city }], finish: 'tool_calls' }
              : { text: [JSON.stringify(city)], finish: 'stop' },
          ),
      },
    ]);
    const completion = await client.chat.completions.create({
      model,
      messages: hello,
      response_format: { type: 'json_object' },
    });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { refusal: null } });
    expect(JSON.parse(completion.choices[0]?.message.content ?? '')).toEqual(city);
    // A closed object without keys is all that would be left of it.
    expect(JSON.stringify(upstream.requests[0]?.body)).not.toContain('additionalProperties');
  });

  it('says so when the upstream breaks in the middle', async () => {
    const wire = WIRES[name];
    const said: Said = { text: ['half an '], finish: 'stop', usage: USAGE };
    upstream.script([
      { when: () => true, replies: [piecesOf(wire, [...wire.begin(said), wire.errorInStream('it broke')])] },
    ]);
    const stream = await client.chat.completions.create({ model, messages: hello, stream: true });
    const heard: string[] = [];
    const read = async () => {
      for await (const chunk of stream) heard.push(chunk.choices[0]?.delta.content ?? '');
    };
    await expect(read()).rejects.toThrow(/it broke/);
    expect(heard.join('')).toBe('half an ');
  });

  it('refuses what the model cannot do by itself, and its breaker hears nothing of it', async () => {
    says(name, { text: ['3°'], finish: 'stop', usage: USAGE });
    const refused = Array.from({ length: 12 }, () =>
      client.chat.completions.create({ model, messages: hello, n: 2 }).catch((error: unknown) => error),
    );
    for (const error of await Promise.all(refused)) expect(error).toMatchObject({ status: 400, param: 'n' });
    const answer = await client.chat.completions.create({ model, messages: hello });
    expect(answer.choices[0]?.message.content).toBe('3°');
    expect(upstream.requests).toHaveLength(1);
  });

  it('refuses what the upstream refuses, in OpenAI’s words', async () => {
    const text = 'prompt is too long: 210000 tokens > 200000 maximum';
    upstream.script([{ when: () => true, replies: [WIRES[name].error(400, text)] }]);
    await expect(client.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    });
  });
});
