import { type Reply, streamReply, textReply, toolCallReply } from '@planyard/llm/testing';
import { sql } from 'kysely';
import { zodResponseFormat } from 'openai/helpers/zod';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { completionReply, jsonReply } from '../testing/completion-reply.ts';
import { openAiAtDoor } from '../testing/openai-at-door.ts';

const { door, client } = await openAiAtDoor();

const model = 'openai/gpt-5-mini';
const play = (...replies: Reply[]) => door.play(...replies);
const hello = [{ role: 'user' as const, content: 'Grüße' }];

it('a whole completion is the upstream’s own, asked with our key and the caller’s fields', async () => {
  play(completionReply({ content: 'Guten Tag 🚀' }, { service_tier: 'flex' }));
  const { data, response } = await client.chat.completions
    .create({ model, messages: hello, seed: 7, stop: ['x'], ...{ some_new_field: { model: 'nested' } } })
    .withResponse();
  expect(data.choices[0]?.message.content).toBe('Guten Tag 🚀');
  expect(data).toMatchObject({ service_tier: 'flex', usage: { total_tokens: 12 } });
  expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
  const [seen] = door.upstream.requests;
  expect(seen?.headers.authorization).toBe('Bearer sk-upstream-secret');
  expect(seen?.body).toEqual({
    model: 'gpt-5-mini',
    messages: hello,
    seed: 7,
    stop: ['x'],
    some_new_field: { model: 'nested' },
  });
});

it('a stream arrives piece by piece; usage only where it was asked for, and recorded all the same', async () => {
  play(textReply('Hello there, you', { chunk: 4 }));
  const texts: string[] = [];
  for await (const chunk of await client.chat.completions.create({ model, messages: hello, stream: true })) {
    expect(chunk.choices).toHaveLength(1);
    if (chunk.choices[0]?.delta.content) texts.push(chunk.choices[0].delta.content);
  }
  expect(texts).toEqual(['Hell', 'o th', 'ere,', ' you']);
  expect(door.upstream.requests[0]?.body.stream_options).toEqual({ include_usage: true });

  const told = client.chat.completions.stream({
    model,
    messages: hello,
    stream_options: { include_usage: true },
  });
  expect((await told.finalChatCompletion()).usage).toMatchObject({
    prompt_tokens: 100,
    completion_tokens: 20,
  });
});

it('tools: parallel calls whole and streamed, and their results on the way back', async () => {
  const tools = [
    {
      type: 'function' as const,
      function: { name: 'weather', parameters: { type: 'object', properties: {} } },
    },
  ];
  const call = (id: string) => ({
    id,
    type: 'function',
    function: { name: 'weather', arguments: '{"c":"B"}' },
  });
  play(completionReply({ tool_calls: [call('a'), call('b')] }, {}));
  const whole = await client.chat.completions.create({
    model,
    messages: hello,
    tools,
    parallel_tool_calls: true,
  });
  expect(whole.choices[0]?.message.tool_calls?.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(whole.choices[0]?.finish_reason).toBe('tool_calls');

  play(toolCallReply('weather', { city: 'Bern' }));
  const streamed = client.chat.completions.stream({
    model,
    messages: [
      ...hello,
      ...whole.choices.map(({ message }) => message),
      { role: 'tool', tool_call_id: 'a', content: '3°' },
    ],
    tools,
  });
  const message = (await streamed.finalChatCompletion()).choices[0]?.message;
  expect(message?.tool_calls).toMatchObject([
    { type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
  ]);
  expect(door.upstream.requests[1]?.body.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
  ]);
});

it('a refusal is one, and no content: streamed and whole, of both APIs', async () => {
  const answer = { role: 'assistant' as const, content: null, refusal: 'I will not say.' };
  const choice = { index: 0, finish_reason: 'stop' };
  door.upstream.script([
    {
      when: /./,
      replies: ({ body }) =>
        body.stream
          ? streamReply([
              `data: ${JSON.stringify({ choices: [{ ...choice, delta: answer }] })}\n\n`,
              'data: [DONE]\n\n',
            ])
          : jsonReply({ choices: [{ ...choice, message: answer }] }),
    },
  ]);
  const format = { name: 'answer', schema: { type: 'object' }, strict: false };
  const chat = {
    model,
    messages: [{ role: 'user' as const, content: 'hello' }],
    response_format: { type: 'json_schema' as const, json_schema: format },
  };
  const whole = await client.chat.completions.create(chat);
  expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: answer });
  const streamed = await client.chat.completions.stream(chat).finalChatCompletion();
  expect(streamed.choices[0]).toMatchObject({ finish_reason: 'stop', message: answer });
  const asked = {
    model,
    input: 'hello',
    text: { format: { type: 'json_schema' as const, ...format } },
  };
  const part = { type: 'refusal', refusal: 'I will not say.' };
  const item = { type: 'message', content: [part] };
  expect(await client.responses.create(asked)).toMatchObject({ status: 'completed', output: [item] });
  expect(await client.responses.stream(asked).finalResponse()).toMatchObject({ output: [item] });
});

it('a format reaches the upstream as it was written', async () => {
  play(textReply('{"n":1}'));
  const json_schema = { name: 'n', description: 'A number', schema: { type: 'object' }, strict: false };
  const formats = [
    { type: 'json_object' as const },
    { type: 'json_schema' as const, json_schema },
    { type: 'json_schema' as const, json_schema: { name: 'n', schema: { type: 'object' } } },
  ];
  for (const response_format of formats)
    await client.chat.completions.stream({ model, messages: hello, response_format }).done();
  for (const format of [{ type: 'json_object' as const }, { type: 'json_schema' as const, ...json_schema }])
    await client.responses.stream({ model, input: 'hello', text: { format } }).done();
  expect(door.upstream.requests.map(({ body }) => body.response_format)).toEqual([
    ...formats,
    ...formats.slice(0, 2),
  ]);
});

it('parse: a zod response_format', async () => {
  const Answer = z.object({ city: z.string() });
  play(completionReply({ content: '{"city":"Bern"}' }));
  const parsed = await client.chat.completions.parse({
    model,
    messages: hello,
    response_format: zodResponseFormat(Answer, 'answer'),
  });
  expect(parsed.choices[0]?.message.parsed).toEqual({ city: 'Bern' });
  expect(door.upstream.requests[0]?.body.response_format).toMatchObject({ type: 'json_schema' });
});

it('embeddings: floats, and the base64 that the client asks for by itself', async () => {
  const vector = [0.5, -1.25, 3];
  play(
    jsonReply({
      data: [{ index: 0, embedding: vector }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    }),
  );
  const asked = { model: 'openai/text-embedding-3-small', input: 'hello' };
  expect((await client.embeddings.create(asked)).data[0]?.embedding).toEqual(vector);
  const floats = await client.embeddings.create({ ...asked, encoding_format: 'float' });
  expect(floats.data[0]?.embedding).toEqual(vector);
});

it('models: routes’ and providers’ with the state of their breakers', async () => {
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id).filter((id) => !id.startsWith('planyard/'))).toEqual([
    'planyard',
    model,
    'openai/text-embedding-3-small',
  ]);
  expect(await client.models.retrieve(model)).toMatchObject({
    owned_by: 'openai',
    planyard: { breaker: 'closed' },
  });
  await expect(client.models.retrieve('openai/none')).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});

it('calls are recorded with whose they were and their tags', async () => {
  play(completionReply({ content: 'x' }));
  await client.chat.completions.create(
    { model, messages: hello },
    { headers: { 'x-planyard-tags': 'team-a, beta' } },
  );
  await expect
    .poll(() =>
      door.gateway.db
        .selectFrom('model_calls')
        .selectAll()
        .where('tags', '@>', sql<string[]>`array['team-a', 'beta']`)
        .execute(),
    )
    .toMatchObject([
      { provider: 'openai', model: 'gpt-5-mini', status: 'ok', input_tokens: '9', run_id: null },
    ]);
});
