import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamReply, textReply } from '@planyard/llm/testing';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { completionReply, jsonReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';
import { openGateway, type TestGateway } from '../testing/open-gateway.ts';

let door: ModelDoor;
let other: TestGateway;
let directory: string;

beforeAll(async () => {
  const namespace = `g${randomUUID().slice(0, 8)}`;
  directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  const PLANYARD_CONFIG = join(directory, 'planyard.yaml');
  await writeFile(
    PLANYARD_CONFIG,
    'cache: { similar: { model: openai/text-embedding-3-small, threshold: 0.9 } }',
  );
  door = await openModelDoor(inject('redisUrl'), { PLANYARD_NAMESPACE: namespace, PLANYARD_CONFIG });
  other = await openGateway(inject('redisUrl'), {
    OPENAI_BASE_URL: door.upstream.url,
    OPENAI_API_KEY: 'sk-upstream-secret',
    PLANYARD_NAMESPACE: namespace,
  });
});
afterAll(async () => {
  await other?.close();
  await door?.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  door.upstream.requests.length = 0;
});

const model = 'openai/gpt-5-mini';
const clientOf = (apiKey: string, baseURL = door.baseURL) => new OpenAI({ apiKey, baseURL, maxRetries: 0 });
const about = (content: string) => [{ role: 'user' as const, content }];
const asked = () => door.upstream.requests.filter(({ path }) => path.endsWith('/chat/completions'));

const VECTORS: Record<string, number[]> = {
  'how many wards are there': [1, 0.1],
  'how many wards do we have': [1, 0.2],
  'who owns db-01': [0.1, 1],
};
/** Texts that no test compares are like nothing else. */
const vectorOf = (text: string) => VECTORS[text] ?? [1, ...Array.from(text, () => 0)];

/** The upstream gives vectors, and answers with these. */
function play(replies: Parameters<ModelDoor['upstream']['script']>[0][number]['replies']): void {
  const embedded = (input: unknown) => [
    { object: 'embedding', index: 0, embedding: vectorOf(String([input].flat()[0])) },
  ];
  door.upstream.script([
    {
      when: ({ path }) => path.endsWith('/embeddings'),
      replies: ({ body }) =>
        jsonReply({ data: embedded(body.input), usage: { prompt_tokens: 3, total_tokens: 3 } }),
    },
    { when: () => true, replies },
  ]);
}

async function said(client: OpenAI, content: string, headers: Record<string, string> = {}) {
  const reply = await client.chat.completions.create(
    { model, messages: about(content), temperature: 0 },
    { headers },
  );
  return reply.choices[0]?.message.content;
}

it('at temperature 0 a reply is given again, as the stream it was, to its tenant alone', async () => {
  play([textReply('Hello there', { chunk: 3 })]);
  const pieces = async (apiKey: string, temperature: number | undefined) => {
    const stream = await clientOf(apiKey).chat.completions.create({
      model,
      messages: about('streamed'),
      stream: true,
      ...(temperature === undefined ? {} : { temperature }),
    });
    const texts: string[] = [];
    for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content ?? '');
    return texts.filter(Boolean);
  };
  expect(await pieces(door.apiKey, 0)).toEqual(['Hel', 'lo ', 'the', 're']);
  expect(await pieces(door.apiKey, 0)).toEqual(['Hel', 'lo ', 'the', 're']);
  expect(asked()).toHaveLength(1);
  await pieces(door.apiKey, undefined);
  expect(asked()).toHaveLength(2);
  await pieces(await door.gateway.key(['models:call'], { tenant: 'elsewhere' }), 0);
  expect(asked()).toHaveLength(3);
});

it('the caller may ask for a kept reply, or for none', async () => {
  play([completionReply({ content: 'one' }), completionReply({ content: 'two' })]);
  const client = clientOf(door.apiKey);
  expect(await said(client, 'by header')).toBe('one');
  expect(await said(client, 'by header')).toBe('one');
  expect(await said(client, 'by header', { 'x-planyard-cache': 'off' })).toBe('two');
});

it('what a budget may have cut short is given to nobody else', async () => {
  play([completionReply({ content: 'cut' }), completionReply({ content: 'whole' })]);
  const client = clientOf(door.apiKey);
  expect(await said(client, 'within a budget', { 'x-planyard-budget-tokens': '200' })).toBe('cut');
  expect(await said(client, 'within a budget')).toBe('whole');
  expect(await said(client, 'within a budget')).toBe('whole');
});

it('identical calls in flight at two gateways become one; a failed one is made anew by the next', async () => {
  const go = Promise.withResolvers<void>();
  const clients = [
    clientOf(door.apiKey),
    clientOf(await other.key(['models:call']), `${other.url}/v1`),
    clientOf(door.apiKey),
  ];
  const whole = completionReply({ content: 'once' });
  play([{ ...whole, pieces: [{ until: go.promise }, ...whole.pieces] }]);
  const all = clients.map((client) => said(client, 'together'));
  await expect.poll(() => asked().length).toBe(1);
  go.resolve();
  expect(await Promise.all(all)).toEqual(['once', 'once', 'once']);
  expect(asked()).toHaveLength(1);

  door.upstream.requests.length = 0;
  play([{ ...streamReply([]), status: 400 }, completionReply({ content: 'anew' })]);
  const both = await Promise.allSettled(clients.slice(0, 2).map((client) => said(client, 'again')));
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

it.each([
  ['plain', { temperature: 0 }],
  ['with a format', { temperature: 0, response_format: { type: 'json_object' } }],
] as const)(
  'a question that says nearly the same gets the reply of the other, where that is configured: %s',
  async (_, more) => {
    let answers = 0;
    play(() => textReply(`{"answer":${++answers}}`));
    const client = clientOf(door.apiKey);
    const ask = async (content: string, given: object = more, by = client, options = {}) => {
      const stream = await by.chat.completions.create(
        { model, messages: about(content), stream: true, ...given },
        options,
      );
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      return text;
    };
    // The second time it is kept, or waited for until it is.
    for (const _time of [1, 2]) expect(await ask('how many wards are there')).toBe('{"answer":1}');
    expect(await ask('how many wards do we have')).toBe('{"answer":1}');
    expect(await ask('who owns db-01')).toBe('{"answer":2}');
    // Another tenant, another temperature, a tool: each is asked for itself.
    expect(await ask('how many wards do we have', { ...more, temperature: 1 })).toBe('{"answer":3}');
    const tools = [{ type: 'function', function: { name: 'look' } }];
    expect(await ask('how many wards do we have', { ...more, tools })).toBe('{"answer":4}');
    const elsewhere = clientOf(await door.gateway.key(['models:call'], { tenant: `t-${randomUUID()}` }));
    expect(await ask('how many wards do we have', more, elsewhere)).toBe('{"answer":5}');
    // Asked for with nothing kept.
    const off = { headers: { 'x-planyard-cache': 'off' } };
    expect(await ask('how many wards do we have', more, client, off)).toBe('{"answer":6}');
  },
);

it('embeddings are kept, as they came, and identical ones in flight become one', async () => {
  const embedding = [0.0023064255, -0.009327292, 1e-7];
  const go = Promise.withResolvers<void>();
  const reply = jsonReply({
    data: [{ index: 0, embedding }],
    usage: { prompt_tokens: 3, total_tokens: 3 },
  });
  door.upstream.script([
    { when: () => true, replies: [{ ...reply, pieces: [{ until: go.promise }, ...reply.pieces] }] },
  ]);
  const client = clientOf(door.apiKey);
  const embed = async (input: string, headers: Record<string, string> = {}, dimensions = 3) =>
    await client.embeddings
      .create(
        { model: 'openai/text-embedding-3-small', input, dimensions, encoding_format: 'float' },
        { headers },
      )
      .then(({ data, usage }) => ({ vector: data[0]?.embedding, tokens: usage.prompt_tokens }));
  const vectors = () => door.upstream.requests.length;
  const both = [embed('kept text'), embed('kept text')];
  await expect.poll(vectors).toBe(1);
  go.resolve();
  const told = { vector: embedding, tokens: 3 };
  expect([...(await Promise.all(both)), await embed('kept text')]).toEqual([told, told, told]);
  expect(vectors()).toBe(1);
  await embed('kept text', { 'x-planyard-cache': 'off' });
  await embed('kept text', {}, 2);
  await embed('another text');
  expect(vectors()).toBe(4);
});

it('calls that waited for a reply too large to be shared are made side by side', async () => {
  const go = Promise.withResolvers<void>();
  const all = Promise.withResolvers<void>();
  const large = completionReply({ content: 'x'.repeat(1024 * 1024) });
  play(() => {
    const [first] = asked();
    const until = asked().length === 1 || !first ? go.promise : all.promise;
    return { ...large, pieces: [{ until }, ...large.pieces] };
  });
  const client = clientOf(door.apiKey);
  const calls = [1, 2, 3].map(() => said(client, 'a long one'));
  await expect.poll(() => asked().length).toBe(1);
  go.resolve();
  // In line, the third would wait for the second, which is not answered.
  await expect.poll(() => asked().length).toBe(3);
  all.resolve();
  expect((await Promise.all(calls)).map((text) => text?.length)).toEqual(Array(3).fill(1024 * 1024));
});
