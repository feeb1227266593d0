import { streamReply, WIRES } from '@planyard/llm/testing';
import { expect, it } from 'vitest';
import { completionReply, jsonReply } from '../testing/completion-reply.ts';
import { call } from '../testing/open-gateway.ts';
import { openAiAtDoor } from '../testing/openai-at-door.ts';

const { door, client } = await openAiAtDoor({ OLLAMA_BASE_URL: 'http://127.0.0.1:9' });

const model = 'openai/gpt-5-mini';
const tools = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object' }, strict: null, our_unknown: 1 },
    cache_control: { type: 'ephemeral' },
  },
];
const file = { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } };
const messages = [
  {
    role: 'developer',
    content: [{ type: 'text', text: 'Be kind', cache_control: { type: 'ephemeral' } }],
    name: 'x',
  },
  { role: 'user', content: [{ type: 'text', text: 'Bern?' }, file], unknown_of_messages: true },
  {
    role: 'assistant',
    content: null,
    reasoning_content: 'hm',
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{}' }, extra: 'x' }],
  },
  { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: '3°' }] },
];
const ask = (body: object, path = '/v1/chat/completions') =>
  call(door.gateway, 'POST', path, { key: door.apiKey, body });

it('messages, tools and a choice reach an upstream of OpenAI’s protocol as they were written', async () => {
  door.play(completionReply({ content: 'ok' }));
  const body = {
    model,
    messages,
    tools,
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'weather' } }] },
    },
    stream_options: { include_obfuscation: false },
    logit_bias: { 50256: -100 },
    service_tier: 'flex',
    store: true,
    metadata: { a: 'b' },
    some_new_field: { deep: [1] },
  };
  expect((await ask(body)).status).toBe(200);
  const { stream_options: _, ...given } = body;
  expect(door.upstream.requests[0]?.body).toEqual({ ...given, model: 'gpt-5-mini', stream: false });
  door.play(WIRES.openai.whole({ text: ['ok'], finish: 'stop' }));
});

it('several answers with tools come as the upstream gives them', async () => {
  const two = [0, 1].map((index) => ({
    index,
    message: { role: 'assistant', content: `answer ${index}` },
    finish_reason: 'stop',
  }));
  door.play(jsonReply({ id: 'c', object: 'chat.completion', created: 1, model: 'x', choices: two }));
  const { json } = await ask({ model, messages, tools, n: 2 });
  expect(json.choices).toEqual(two);
  expect(door.upstream.requests[0]?.body).toMatchObject({ n: 2, tools });
});

it.each([
  ['n', { n: 2 }],
  ['logprobs', { logprobs: true }],
  ['logit_bias', { logit_bias: { 1: 2 } }],
  ['messages[0].content[1]', { messages: [messages[1]] }],
  ['tools[1]', { tools: [...tools, { type: 'custom', custom: { name: 'sql' } }] }],
  ['functions', { functions: [{ name: 'x', parameters: {} }] }],
  ['response_format', { response_format: { type: 'structural_tag' } }],
  ['tool_choice', { tool_choice: 'required' }],
  [
    'messages[0].content[0].image_url',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'data:,x' }] }] },
  ],
])('a model of another protocol is not asked for %s', async (param, more) => {
  const { status, json } = await ask({
    model: 'ollama/qwen3',
    messages: [{ role: 'user', content: 'Bern?' }],
    ...more,
  });
  const { code } = json.error;
  expect({ status, param: json.error.param, code }).toEqual({ status: 400, param, code: 'invalid_request' });
});

it.each([
  ['tools[0]', { tools: [{ type: 'custom', name: 'sql' }] }],
  ['input[0].content[0]', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }],
  [
    'input[0].output[0]',
    {
      input: [{ type: 'function_call_output', call_id: 'a', output: [{ type: 'input_file', file_id: 'f' }] }],
    },
  ],
  ['top_logprobs', { top_logprobs: 3 }],
])('nor by a response for %s', async (param, more) => {
  const { status, json } = await ask({ model: 'ollama/qwen3', input: 'x', ...more }, '/v1/responses');
  expect({ status, param: json.error.param }).toEqual({ status: 400, param });
});

it('what the upstream says of a wrong request, its field and its code, is passed on with tools too', async () => {
  const error = {
    message: 'bad',
    type: 'invalid_request_error',
    param: 'tools[0].function',
    code: 'invalid_function',
  };
  door.play({ ...jsonReply({ error }), status: 400 });
  const { json } = await ask({ model, messages, tools });
  expect(json.error).toMatchObject({ param: 'tools[0].function', code: 'invalid_function' });
});

it.each([
  ['response_format.json_schema.schema', '/v1/chat/completions'],
  ['text.format.schema', '/v1/responses'],
])('a schema that is none is refused at %s, and no model is asked', async (param, path) => {
  const format = { name: 'x', schema: { type: 'object', properties: { a: { type: 'strange' } } } };
  const body =
    path === '/v1/responses'
      ? { model, input: 'x', text: { format: { type: 'json_schema', ...format } } }
      : { model, messages, response_format: { type: 'json_schema', json_schema: format } };
  const { status, json } = await ask(body, path);
  expect({ status, param: json.error.param }).toEqual({ status: 400, param });
  expect(door.upstream.requests).toHaveLength(0);
});

it('embeddings: fields that we do not know are passed on, and tokens in place of texts', async () => {
  const data = [0, 1].map((index) => ({ object: 'embedding', index, embedding: [index, 1] }));
  door.play(jsonReply({ object: 'list', data, usage: { prompt_tokens: 5, total_tokens: 5 } }));
  const asked = { model: 'openai/text-embedding-3-small', dimensions: 2, user: 'u', input_type: 'query' };
  const input = [
    [1, 2, 3],
    [4, 5],
  ];
  const { data: vectors } = await client.embeddings.create({ ...asked, input });
  expect(vectors.map(({ embedding }) => embedding)).toEqual([
    [0, 1],
    [1, 1],
  ]);
  expect(door.upstream.requests[0]?.body).toEqual({
    ...asked,
    model: 'text-embedding-3-small',
    input,
    encoding_format: 'float',
  });
  door.play(jsonReply({ object: 'list', data: data.slice(0, 1) }));
  const one = await client.embeddings.create({ ...asked, input: [1, 2, 3] });
  expect(door.upstream.requests[1]?.body.input).toEqual([[1, 2, 3]]);
  // The upstream was silent: who sends tokens has counted them.
  expect(one.usage).toEqual({ prompt_tokens: 3, total_tokens: 3, estimated: true });
  const refused = client.embeddings.create({ model: 'ollama/nomic', input });
  await expect(refused).rejects.toMatchObject({ status: 400, param: 'input' });
});

const silent = streamReply([
  'data: {"id":"u1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello there"},"finish_reason":null}]}\n\n',
  'data: {"id":"u1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
]);

it('what a silent upstream is estimated to have used is told and marked, streamed and whole, plain and with tools', async () => {
  const usage = { completion_tokens: 2, estimated: true };
  const body = { model, messages: [{ role: 'user' as const, content: 'hello' }] };
  const streamed = { ...body, stream: true as const, stream_options: { include_usage: true } };
  door.play(silent);
  const plain = await Array.fromAsync(await client.chat.completions.create(streamed));
  expect(plain.at(-1)).toMatchObject({ id: 'u1', model: 'm', choices: [], usage });
  const untold = await Array.fromAsync(await client.chat.completions.create({ ...body, stream: true }));
  expect(untold).toHaveLength(2);
  const weather = { type: 'function' as const, function: { name: 'weather' } };
  const called = await Array.fromAsync(
    await client.chat.completions.create({ ...streamed, tools: [weather] }),
  );
  expect(called.at(-1)).toMatchObject({ choices: [], usage });
  const events = await Array.fromAsync(
    await client.responses.create({ model, input: 'hello', stream: true }),
  );
  expect(events.at(-1)).toMatchObject({ response: { usage: { output_tokens: 2, estimated: true } } });

  door.play(completionReply({ content: 'Hello there' }, { usage: null }));
  expect((await client.chat.completions.create(body)).usage).toMatchObject(usage);
  expect((await client.chat.completions.create({ ...body, tools: [weather] })).usage).toMatchObject(usage);
});

it('a body nested too deep is refused before anything is done with it', async () => {
  const deep = JSON.parse(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`);
  for (const [path, body] of [
    ['/v1/chat/completions', { model, messages, metadata: deep }],
    [
      '/v1/responses',
      { model, input: 'x', text: { format: { type: 'json_schema', name: 'x', schema: deep } } },
    ],
    ['/v1/embeddings', { model, input: 'x', extra: deep }],
  ] as const) {
    const { status, json } = await ask(body, path);
    expect({ status, message: json.error.message }).toEqual({
      status: 400,
      message: expect.stringContaining('deeper than 50'),
    });
  }
  expect(door.upstream.requests).toHaveLength(0);
});

it('what an upstream adds to its reply reaches a caller with tools as it does one without', async () => {
  const whole = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'x',
    system_fingerprint: 'fp_1',
    citations: ['https://a.example'],
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        native_finish_reason: 'TOOL',
        message: {
          role: 'assistant',
          content: null,
          annotations: [{ type: 'url_citation' }],
          tool_calls: [
            {
              id: 'a',
              type: 'function',
              function: { name: 'weather', arguments: '{}' },
              extra_content: { google: { thought_signature: 's' } },
            },
          ],
        },
      },
    ],
    usage: {
      prompt_tokens: 3,
      completion_tokens: 2,
      total_tokens: 5,
      cost: 0.01,
      prompt_tokens_details: { audio_tokens: 1 },
    },
  };
  door.play(jsonReply(whole));
  const { json } = await ask({ model, messages, tools });
  const [choice] = whole.choices;
  expect(json).toMatchObject({
    ...whole,
    id: expect.stringMatching(/^chatcmpl-/),
    created: expect.any(Number),
    model,
    choices: [choice],
  });

  const { message, ...rest } = choice as (typeof whole.choices)[0];
  const [called] = message.tool_calls;
  const chunk = (delta: object, more: object = {}, top: object = {}) =>
    `data: ${JSON.stringify({ id: 'u', object: 'chat.completion.chunk', created: 1, model: 'x', system_fingerprint: 'fp_1', ...top, choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`;
  door.play(
    streamReply([
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hm' }, { content_filter_results: { hate: false } }),
      chunk({ annotations: message.annotations }),
      chunk({ tool_calls: [{ index: 0, ...called }] }),
      chunk(
        {},
        { finish_reason: rest.finish_reason, native_finish_reason: 'TOOL' },
        { citations: whole.citations },
      ),
      `data: ${JSON.stringify({ id: 'u', object: 'chat.completion.chunk', created: 1, model: 'x', choices: [], usage: whole.usage })}\n\n`,
      'data: [DONE]\n\n',
    ]),
  );
  const chunks = await Array.fromAsync(
    await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Bern?' }],
      tools: [{ type: 'function', function: { name: 'weather' } }],
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    }),
  );
  expect(door.upstream.requests.at(-1)?.body.stream_options).toEqual({
    include_usage: true,
    include_obfuscation: false,
  });
  const told = chunks.map(({ id: _i, object: _o, created: _c, model: _m, usage: _u, ...each }) => each);
  const common = { system_fingerprint: 'fp_1' };
  expect(told.slice(0, -1)).toEqual([
    {
      ...common,
      choices: [
        {
          index: 0,
          delta: { role: 'assistant', content: 'Hm' },
          finish_reason: null,
          content_filter_results: { hate: false },
        },
      ],
    },
    { ...common, choices: [{ index: 0, delta: { annotations: message.annotations }, finish_reason: null }] },
    {
      ...common,
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...called }] }, finish_reason: null }],
    },
    {
      ...common,
      citations: whole.citations,
      choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls', native_finish_reason: 'TOOL' }],
    },
  ]);
  expect(chunks.at(-1)?.usage).toMatchObject(whole.usage);
});

it('a reply that is nested too deeply to be written is no reply', async () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const { pieces, ...reply } = completionReply({ content: 'ok' });
  const chat = { model, messages: [{ role: 'user', content: 'hi' }], tools };
  for (const [path, body, at] of [
    ['/v1/chat/completions', chat, '"choices":[{'],
    ['/v1/responses', { model, input: 'hi' }, '"usage":{'],
  ] as const) {
    const inside = pieces.map((piece) => `${piece}`.replace(at, `${at}"unknown":${deep},`));
    door.play({ ...reply, pieces: inside });
    const { status, json } = await ask(body, path);
    expect({ status, code: json.error.code }, path).toEqual({ status: 502, code: 'model_bad_reply' });
  }
});

it.each([
  ['models', { models: ['openai/gpt-5-pro'] }],
  ['plugins', { plugins: [{ id: 'web' }] }],
  ['preset', { preset: 'dear' }],
  ['fallbacks', { fallbacks: [{ model: 'gpt-5-pro' }] }],
  ['Model', { Model: 'gpt-5-pro' }],
  ['MAX_TO\u212aENS', { 'MAX_TO\u212aENS': 9 }],
  ['extra_body.model', { extra_body: { model: 'gpt-5-pro' } }],
])('what would bring in another model or limit than was named is refused: %s', async (param, more) => {
  for (const [path, body] of [
    ['/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Bern?' }] }],
    ['/v1/responses', { model, input: 'x' }],
    ['/v1/embeddings', { model: 'openai/text-embedding-3-small', input: 'x' }],
  ] as const) {
    const { status, json } = await ask({ ...body, ...more }, path);
    expect({ status, param: json.error?.param }, path).toEqual({ status: 400, param });
  }
  expect(door.upstream.requests).toHaveLength(0);
});
