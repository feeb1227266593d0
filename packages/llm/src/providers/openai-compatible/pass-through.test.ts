import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Provider, RawPiece } from '../../contract.ts';
import { type ModelServer, startModelServer } from '../../testing/model-server.ts';
import { chunkOf, streamReply } from '../../testing/openai-replies.ts';
import { openaiWire } from '../../testing/openai-wire.ts';
import { jsonReply, type Reply, seededRandom, splitAtRandom } from '../../testing/reply.ts';
import { type Said, streamed } from '../../testing/wire.ts';
import { providerOf } from '../../testing/wires.ts';
import { sniffStream } from './sniff-stream.ts';

const SAID: Said = {
  text: ['Grüße, ', '"quoted" 🚀\n\n', 'data: [DONE]', ' "usage":{ "error":'],
  finish: 'stop',
  usage: { input: 120, output: 30, cached: 64 },
};
let server: ModelServer;
let provider: Provider;
beforeAll(async () => {
  server = await startModelServer();
  provider = providerOf('openai', server.origin);
});
afterAll(async () => {
  provider.close();
  await server.close();
});

async function passedOn(reply: Reply, include_usage: boolean, answers = 1) {
  server.script([{ when: () => true, replies: [reply] }]);
  const body = Buffer.from(JSON.stringify({ model: 'm', messages: [], stream: true }));
  const pieces: RawPiece[] = [];
  const signal = new AbortController().signal;
  const raw = provider.passThrough?.(
    { body, streaming: true, include_usage, answers, max_tokens: null },
    signal,
  );
  for await (const piece of raw ?? []) pieces.push(piece);
  return {
    text: Buffer.concat(pieces.map(({ bytes }) => bytes)).toString(),
    usage: pieces.flatMap(({ usage }) => usage ?? []).at(-1),
  };
}

const reply = streamed(openaiWire, SAID);
const sent = reply.pieces.join('');
const withLineEnds = (end: string): Reply => ({ ...reply, pieces: [sent.replaceAll('\n', end)] });
const withCarriageReturns = [withLineEnds('\r\n'), withLineEnds('\r')];

test('a stream split at random places is passed on byte for byte, its usage read on the way', async () => {
  for (let seed = 1; seed <= 20; seed += 1)
    for (const [upstream, expected] of [
      [reply, sent],
      ...withCarriageReturns.map((each) => [each, each.pieces[0]] as const),
    ] as const) {
      const { text, usage } = await passedOn(splitAtRandom(upstream, seededRandom(seed)), true);
      expect(text, `seed ${seed}`).toBe(expected);
      expect(usage).toMatchObject({ input_tokens: 120, output_tokens: 30, cached_tokens: 64 });
    }
});

test('an event in many packets is read once, not anew with each of them', async () => {
  const [first, ...others] = sent.split(/(?<=\n\n)/);
  const long = chunkOf({ index: 0, delta: { content: 'x'.repeat(2_000_000) }, finish_reason: null });
  const text = `${first}data: ${JSON.stringify(long)}\n\n${others.join('')}`;
  async function* packets() {
    for (let at = 0; at < text.length; at += 50) yield Buffer.from(text.slice(at, at + 50));
  }
  let bytes = 0;
  for await (const piece of sniffStream('openai', packets(), { hideUsage: false, answers: 1 }))
    bytes += piece.bytes.length;
  expect(bytes).toBe(Buffer.byteLength(text));
});

test('no reply is to be compressed: who asks for nothing may get it in any coding', async () => {
  await passedOn(reply, true);
  expect(server.requests.at(-1)?.headers['accept-encoding']).toBe('identity');
});

test('usage that only we asked for is kept from the caller, wherever the stream is split', async () => {
  const events = sent.split(/(?<=\n\n)/);
  const told = events.filter((event) => !event.includes('"usage":{"prompt_tokens"')).join('');
  for (let seed = 1; seed <= 20; seed += 1) {
    const { text, usage } = await passedOn(splitAtRandom(reply, seededRandom(seed)), false);
    expect(text, `seed ${seed}`).toBe(told);
    expect(usage).toMatchObject({ input_tokens: 120 });
  }
});

test('of several answers each must end, or the stream says that it is whole', async () => {
  const choice = (index: number, rest: object) => chunkOf({ index, delta: {}, ...rest });
  const half = [choice(0, { delta: { content: 'a' } }), choice(1, { delta: { content: 'b' } })];
  const first = choice(0, { finish_reason: 'stop' });
  await expect(passedOn(streamReply([...half, first]), true, 2)).rejects.toMatchObject({ kind: 'bad_reply' });
  const whole = await passedOn(streamReply([...half, first, choice(1, { finish_reason: 'stop' })]), true, 2);
  expect(whole.text.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('a stream that says it is done without a finish reason, or ends by one that means an error, is no whole one', async () => {
  const text = chunkOf({ index: 0, delta: { content: 'a' }, finish_reason: null });
  const done = 'data: [DONE]\n\n';
  const finish = (finish_reason: string, index = 0) => chunkOf({ index, delta: {}, finish_reason });
  const cut = { kind: 'bad_reply' };
  await expect(passedOn(streamReply([text, done]), true)).rejects.toMatchObject(cut);
  const other = chunkOf({ index: 1, delta: { content: 'b' }, finish_reason: null });
  // Read as plain text and no end, the second answer would be missed.
  const half = streamReply([text, other, finish('stop'), done]);
  await expect(passedOn(half, true, 2)).rejects.toMatchObject(cut);
  const fewer = await passedOn(streamReply([text, finish('stop'), done]), true, 2);
  expect(fewer.text.endsWith(done)).toBe(true);
  for (const reason of ['error', 'abort'])
    await expect(passedOn(streamReply([text, finish(reason), done]), true)).rejects.toMatchObject({
      kind: 'server',
    });
});

test('what breaks after the finish reason takes nothing from the reply', async () => {
  const text = chunkOf({ index: 0, delta: { content: 'a' }, finish_reason: null });
  const finish = chunkOf({ index: 0, delta: {}, finish_reason: 'stop' });
  const whole = await passedOn(streamReply([text, finish, 'reset']), true);
  expect(whole.text.endsWith('data: [DONE]\n\n')).toBe(true);
  await expect(passedOn(streamReply([text, 'reset']), true)).rejects.toMatchObject({ kind: 'connection' });
});

test('nothing that looks like an end is passed on before the error', async () => {
  const text = chunkOf({ index: 0, delta: { content: 'a' }, finish_reason: null });
  server.script([{ when: () => true, replies: [streamReply([text, 'data: [DONE]\n\n'])] }]);
  const body = Buffer.from('{}');
  const asked = { body, streaming: true, include_usage: true, answers: 1, max_tokens: null };
  const seen: string[] = [];
  await expect(async () => {
    for await (const { bytes } of provider.passThrough?.(asked, new AbortController().signal) ?? [])
      seen.push(bytes.toString());
  }).rejects.toMatchObject({ kind: 'bad_reply' });
  expect(seen.join('')).not.toContain('[DONE]');
});

test('a whole reply that ends by an error is a failure', async () => {
  const choice = { index: 0, message: { role: 'assistant', content: 'half' }, finish_reason: 'error' };
  server.script([
    { when: () => true, replies: [jsonReply({ id: 'c', object: 'chat.completion', choices: [choice] })] },
  ]);
  const asked = {
    body: Buffer.from('{}'),
    streaming: false,
    include_usage: true,
    answers: 1,
    max_tokens: null,
  };
  const read = async () => {
    for await (const _ of provider.passThrough?.(asked, new AbortController().signal) ?? []);
  };
  await expect(read()).rejects.toMatchObject({ kind: 'server' });
});
