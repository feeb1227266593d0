import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Provider, RawPiece } from '../../contract.ts';
import { type ModelServer, startModelServer } from '../../testing/model-server.ts';
import { chunkOf, streamReply } from '../../testing/openai-replies.ts';
import { openaiWire } from '../../testing/openai-wire.ts';
import { type Reply, seededRandom, splitAtRandom } from '../../testing/reply.ts';
import { type Said, streamed } from '../../testing/wire.ts';
import { providerOf } from '../../testing/wires.ts';

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
const withCarriageReturns: Reply = { ...reply, pieces: [sent.replaceAll('\n\n', '\r\n\r\n')] };

test('a stream split at random places is passed on byte for byte, its usage read on the way', async () => {
  for (let seed = 1; seed <= 20; seed += 1)
    for (const [upstream, expected] of [
      [reply, sent],
      [withCarriageReturns, withCarriageReturns.pieces[0]],
    ] as const) {
      const { text, usage } = await passedOn(splitAtRandom(upstream, seededRandom(seed)), true);
      expect(text, `seed ${seed}`).toBe(expected);
      expect(usage).toMatchObject({ input_tokens: 120, output_tokens: 30, cached_tokens: 64 });
    }
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
