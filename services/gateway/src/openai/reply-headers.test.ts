import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorReply, muteServer, piecesReply, RESET, streamReply, textReply } from '@planyard/llm/testing';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { completionReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';

let door: ModelDoor;
let directory: string;
let client: OpenAI;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  const PLANYARD_CONFIG = join(directory, 'planyard.yaml');
  await writeFile(
    PLANYARD_CONFIG,
    `routes: { both: [openai/gone, openai/gpt-5-mini] }
retries: { max_tries: 3, base_ms: 1 }
prices: { openai/gpt-tiny: { input: 0.01, output: 0.0033 } }
limits:
  - { per: user, requests_per_minute: 50, tokens_per_minute: 100000 }
  - { per: user, only: [busy], requests_per_minute: 1 }
  - { per: user, only: [wordy], tokens_per_minute: 20 }`,
  );
  door = await openModelDoor(inject('redisUrl'), { PLANYARD_CONFIG });
  client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
});
afterAll(async () => {
  await door?.close();
  await rm(directory, { recursive: true });
});

const asked = { model: 'both', messages: [{ role: 'user' as const, content: 'hello' }] };

it('a model that failed is not said to have answered', async () => {
  door.play(errorReply(404, 'no such model'), completionReply({ content: 'ok' }));
  const whole = await client.chat.completions.create(asked).withResponse();
  expect(whole.response.headers.get('x-planyard-model')).toBe('openai/gpt-5-mini');
  door.play(errorReply(404, 'no such model'), textReply('ok'));
  const streamed = await client.chat.completions.create({ ...asked, stream: true }).withResponse();
  await Array.fromAsync(streamed.data);
  expect(streamed.response.headers.get('x-planyard-model')).toBeNull();
});

it('what it cost is a plain decimal, however little it is', async () => {
  door.play(completionReply({ content: 'ok' }));
  const { response } = await client.chat.completions
    .create({ ...asked, model: 'openai/gpt-tiny' })
    .withResponse();
  expect(response.headers.get('x-planyard-cost-usd')).toBe('0.0000000999');
});

it('the limits of the caller stand there in OpenAI’s names', async () => {
  door.play(completionReply({ content: 'ok' }));
  const { response } = await client.chat.completions.create(asked).withResponse();
  expect(response.headers.get('x-ratelimit-limit-requests')).toBe('50');
  expect(Number(response.headers.get('x-ratelimit-remaining-requests'))).toBeLessThan(50);
  expect(response.headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+s$/);
  expect(response.headers.get('x-ratelimit-limit-tokens')).toBe('100000');
  expect(Number(response.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(100_000);
});

const clientOf = async (user: string) =>
  new OpenAI({
    apiKey: await door.gateway.key(['models:call'], { user }),
    baseURL: door.baseURL,
    maxRetries: 0,
  });
const failed = (asking: Promise<unknown>) =>
  asking.then(
    () => expect.unreachable('it should have been refused'),
    (error: InstanceType<typeof OpenAI.APIError>) => ({ status: error.status, headers: error.headers }),
  );

it('a call that a limit of planyard.yaml refused shows the numbers of that limit', async () => {
  door.play(completionReply({ content: 'ok' }));
  const busy = await clientOf('busy');
  await busy.chat.completions.create(asked);
  const refused = await failed(busy.chat.completions.create(asked));
  expect(refused.status).toBe(429);
  for (const name of ['x-ratelimit-limit', 'ratelimit-limit', 'x-ratelimit-limit-requests'])
    expect(refused.headers?.get(name), name).toBe('1');
  expect(refused.headers?.get('x-ratelimit-remaining')).toBe('0');

  const wordy = await clientOf('wordy');
  await wordy.chat.completions.create({ ...asked, max_tokens: 5 });
  const spent = await failed(wordy.chat.completions.create({ ...asked, max_tokens: 10 }));
  expect(spent.headers?.get('x-ratelimit-limit')).toBe('20');
  expect(spent.headers?.get('x-ratelimit-limit-tokens')).toBe('20');
  expect(Number(spent.headers?.get('x-ratelimit-remaining-tokens'))).toBeLessThan(20);
});

it('the time that a header gives a call is that of all its tries, and no breaker hears of it', async () => {
  const within = (ms: number) =>
    client.chat.completions.create(asked, { headers: { 'x-planyard-timeout-ms': String(ms) } });
  door.play(streamReply(['stall']));
  await expect(within(300)).rejects.toMatchObject({ status: 504, code: 'timeout' });
  door.upstream.requests.length = 0;
  // The first try fails at once; what is left of the time is the second one's.
  door.play(RESET, streamReply(['stall']));
  await expect(within(300)).rejects.toMatchObject({ status: 504 });
  expect(door.upstream.requests).toHaveLength(2);
  door.play(streamReply(['stall']));
  const hasty = Array.from({ length: 30 }, () => within(1).catch(({ status }) => status));
  expect(new Set(await Promise.all(hasty))).toEqual(new Set([504]));
  door.play(completionReply({ content: 'ok' }));
  const answer = await client.chat.completions.create(asked);
  expect(answer.choices[0]?.message.content).toBe('ok');
});

it('the times to the first token and between two may be shortened by headers; they are a model’s, not a run’s', async () => {
  const streamed = (headers: Record<string, string>, model = asked.model) =>
    client.chat.completions.create({ ...asked, model, stream: true }, { headers });
  door.play(streamReply(['stall']));
  await expect(streamed({ 'x-planyard-first-token-timeout-ms': '50' })).rejects.toMatchObject({
    status: 504,
    message: expect.stringContaining('no first token within 50 ms'),
  });
  door.play(piecesReply(['Guten ', 'stall']));
  const broken = Array.fromAsync(await streamed({ 'x-planyard-idle-timeout-ms': '50' }));
  await expect(broken).rejects.toMatchObject({ message: expect.stringContaining('within 50 ms') });
  for (const wrong of ['0', 'soon'])
    await expect(streamed({ 'x-planyard-idle-timeout-ms': wrong })).rejects.toMatchObject({ status: 400 });
  const run = streamed({ 'x-planyard-idle-timeout-ms': '50' }, 'planyard');
  await expect(run).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('not of a run'),
    param: 'X-Planyard-Idle-Timeout-Ms',
  });
});

it('the time to connect to a model may be shortened by a header, for chats as for embeddings', async () => {
  const mute = await muteServer();
  const away = await openModelDoor(inject('redisUrl'), { OPENAI_BASE_URL: `${mute.url}/v1` });
  onTestFinished(away.close);
  const asking = new OpenAI({ apiKey: away.apiKey, baseURL: away.baseURL, maxRetries: 0 });
  const headers = { 'x-planyard-connect-timeout-ms': '20' };
  const late = { status: 504, message: expect.stringContaining('no connection within 20 ms') };
  const model = 'openai/gpt-5-mini';
  const tools = [{ type: 'function' as const, function: { name: 'look' } }];
  for (const more of [{}, { stream: true }, { tools }])
    await expect(
      asking.chat.completions.create({ ...asked, ...more, model }, { headers }),
    ).rejects.toMatchObject(late);
  await expect(asking.embeddings.create({ model, input: 'x' }, { headers })).rejects.toMatchObject(late);
});
