import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChatEvent, ChatRequest, Protocol, Provider } from '../contract.ts';
import { type ModelServer, startModelServer } from '../testing/model-server.ts';
import { muteServer } from '../testing/mute-server.ts';
import { type Piece, type Reply, seededRandom, splitAtRandom } from '../testing/reply.ts';
import { piecesOf, type Said, streamed } from '../testing/wire.ts';
import { providerOf, WIRES } from '../testing/wires.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer([], ['first', 'second']);
});
afterAll(() => server.close());

const SAID: Said = {
  reasoning: { text: 'Grüße wägen', signature: 'c2lnbmVk' },
  text: ['Grüße, ', '"quoted" 🚀\n', 'line\\n'],
  calls: [
    { id: 'call_a', name: 'ci_search', args: { query: 'db "01" ü', deep: { list: [1, null] } } },
    { id: 'call_b', name: 'metric_series', args: {} },
  ],
  finish: 'tool_calls',
  usage: { input: 120, output: 30, cached: 64, cache_write: 16, reasoning: 9 },
};
/** What each protocol has no place for. */
const LOST: Record<Protocol, object> = {
  openai: {},
  anthropic: {},
  ollama: { cached_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 },
  bedrock: { reasoning_tokens: 0 },
};
const never = new AbortController().signal;

function play(...replies: Reply[]) {
  server.script([{ when: () => true, replies }]);
}

async function ask(
  provider: Provider,
  request: Partial<ChatRequest> = {},
  signal = never,
  seen: ChatEvent[] = [],
): Promise<ChatEvent[]> {
  const messages = [{ role: 'user' as const, content: 'hello' }];
  for await (const event of provider.chat('scripted', { messages, ...request }, signal)) seen.push(event);
  return seen;
}

/** Pieces of text and reasoning joined, so that where they were cut does not matter. */
function joined(events: ChatEvent[]): ChatEvent[] {
  const all: ChatEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (event.type === 'text' && last?.type === 'text') last.text += event.text;
    else if (event.type === 'reasoning' && last?.type === 'reasoning')
      Object.assign(last, event, { text: last.text + event.text });
    else all.push({ ...event });
  }
  return all;
}

function expected(protocol: Protocol): ChatEvent[] {
  const signed = protocol === 'anthropic' || protocol === 'bedrock';
  return [
    { type: 'reasoning', text: 'Grüße wägen', ...(signed ? { signature: 'c2lnbmVk' } : {}) },
    { type: 'text', text: 'Grüße, "quoted" 🚀\nline\\n' },
    {
      type: 'tool_call',
      call: {
        id: 'call_a',
        name: 'ci_search',
        arguments: '{"query":"db \\"01\\" ü","deep":{"list":[1,null]}}',
      },
    },
    { type: 'tool_call', call: { id: 'call_b', name: 'metric_series', arguments: '{}' } },
    {
      type: 'usage',
      usage: {
        input_tokens: 120,
        output_tokens: 30,
        cached_tokens: 64,
        cache_write_tokens: 16,
        reasoning_tokens: 9,
        estimated: false,
        ...LOST[protocol],
      },
    },
    { type: 'finish', reason: 'tool_calls' },
  ];
}

/** OpenAI tells usage before our tool calls, which wait for the end: the order among those does not matter. */
function inOrder(events: ChatEvent[]): ChatEvent[] {
  const rank = {
    refusal: 0,
    reasoning: 0,
    text: 1,
    tool_call_delta: 2,
    tool_call: 2,
    usage: 3,
    more: 3,
    finish: 4,
  };
  return joined(events).toSorted((a, b) => rank[a.type] - rank[b.type]);
}

const protocols = Object.keys(WIRES) as Protocol[];

describe.each(protocols)('%s', (protocol) => {
  const wire = WIRES[protocol];
  let provider: Provider;
  beforeAll(() => {
    provider = providerOf(protocol, server.origin);
  });
  afterAll(() => provider.close());

  const failure = async (
    pieces: Piece[] | Reply,
    request: Partial<ChatRequest> = {},
    seen: ChatEvent[] = [],
  ) => {
    play(Array.isArray(pieces) ? piecesOf(wire, pieces) : pieces);
    return await ask(provider, request, never, seen).then(
      () => expect.unreachable('the call should have failed'),
      (error: unknown) => error,
    );
  };

  test('a stream split at random places is the same reply', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      play(splitAtRandom(streamed(wire, SAID), seededRandom(seed)));
      expect(inOrder(await ask(provider)), `seed ${seed}`).toEqual(expected(protocol));
    }
  });

  test('a call that is not sound says what it has cost', async () => {
    const calls = [{ id: 'call_a', name: 'ci_search', args: '[1]' }];
    const said: Said = { calls, finish: 'tool_calls', usage: { input: 120, output: 30 } };
    expect(await failure(streamed(wire, said))).toMatchObject({
      kind: 'bad_reply',
      usage: { input_tokens: 120, output_tokens: 30 },
    });
  });

  test('calls are told in pieces to who wants them so, wherever a stream is split, and then whole', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      play(splitAtRandom(streamed(wire, SAID), seededRandom(seed)));
      const events = await ask(provider, { live_calls: true });
      const told = new Map<string, string>();
      let pieces = 0;
      for (const event of events) {
        if (event.type === 'tool_call_delta') {
          expect(event.first === true).toBe(!told.has(event.id));
          told.set(event.id, `${told.get(event.id) ?? ''}${event.arguments}`);
          pieces += 1;
        }
        if (event.type === 'tool_call' && event.told)
          expect(JSON.parse(told.get(event.call.id) ?? ''), `seed ${seed}`).toEqual(
            JSON.parse(event.call.arguments),
          );
      }
      const whole = events.flatMap((event) => (event.type === 'tool_call' ? [event.call] : []));
      expect(whole).toMatchObject([{ id: 'call_a' }, { id: 'call_b', arguments: '{}' }]);
      // Ollama sends its calls whole.
      if (protocol !== 'ollama') expect(pieces, `seed ${seed}`).toBeGreaterThan(1);
    }
  });

  test('arguments that break off or are none end in an error, whatever was told of them', async () => {
    if (protocol === 'ollama') return;
    const broken = (args: string): Said => ({ calls: [{ id: 'a', name: 'x', args }], finish: 'tool_calls' });
    const seen: ChatEvent[] = [];
    const error = await failure(
      [...wire.begin(broken('{"a": [1')), ...wire.end(SAID)],
      { live_calls: true },
      seen,
    );
    expect(error).toMatchObject({ kind: 'bad_reply' });
    expect(seen.map(({ type }) => type)).toContain('tool_call_delta');
    expect(seen.some(({ type }) => type === 'finish' || type === 'tool_call')).toBe(false);
    // What does not begin as an object may be mended: it waits for its end.
    const twice = JSON.stringify('{"a":1}');
    play(streamed(wire, broken(twice)));
    const mended = await ask(provider, { live_calls: true });
    expect(mended.some(({ type }) => type === 'tool_call_delta')).toBe(false);
    expect(mended.find(({ type }) => type === 'tool_call')).toMatchObject({ call: { arguments: '{"a":1}' } });
  });

  test('a whole reply gives the same events as a stream', async () => {
    play(wire.whole(SAID));
    expect(inOrder(await ask(provider, { stream: false }))).toEqual(expected(protocol));
  });

  test('a reply cut at the token limit says so', async () => {
    play(streamed(wire, { text: ['half'], finish: 'length', usage: null }));
    expect(await ask(provider)).toEqual([
      { type: 'text', text: 'half' },
      { type: 'finish', reason: 'length' },
    ]);
  });

  test('a call without an id gets one', async () => {
    play(streamed(wire, { calls: [{ id: '', name: 'x', args: {} }], finish: 'tool_calls' }));
    const [call] = await ask(provider);
    expect(call).toMatchObject({ type: 'tool_call', call: { id: expect.stringMatching(/^call_\w{32}$/) } });
  });

  test('a stream without its end is an error, whatever ended it', async () => {
    const seen: ChatEvent[] = [];
    expect(await failure(wire.begin(SAID), {}, seen)).toMatchObject({ kind: 'bad_reply' });
    expect(joined(seen).some((event) => event.type === 'text')).toBe(true);
    expect(await failure([...wire.begin(SAID), 'cut'])).toMatchObject({ kind: 'connection' });
    expect(await failure([...wire.begin(SAID), 'reset'])).toMatchObject({ kind: 'connection' });
  });

  test('an error inside a stream is the provider’s', async () => {
    const seen: ChatEvent[] = [];
    const error = await failure([...wire.begin(SAID), wire.errorInStream('it broke')], {}, seen);
    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('it broke') });
    expect(seen.length).toBeGreaterThan(0);
  });

  test.each([
    [400, 'bad temperature', 'bad_request'],
    [400, 'prompt is too long: 250000 tokens > 200000 maximum', 'context_overflow'],
    [401, 'invalid key', 'auth'],
    [403, 'no access', 'auth'],
    [404, 'no such model', 'model_not_found'],
    [429, 'slow down', 'rate_limited'],
    [500, 'oops', 'server'],
    [503, 'busy', 'server'],
  ])('%i %s is %s', async (status, message, kind) => {
    expect(await failure(wire.error(status, message))).toMatchObject({ kind });
  });

  test('the wait that a 429 names is in the error', async () => {
    const reply = wire.error(429, 'slow down', { headers: { 'retry-after': '7' } });
    expect(await failure(reply)).toMatchObject({ kind: 'rate_limited', retryAfter: 7 });
  });

  test('a caller who leaves ends the upstream request, streaming or not', async () => {
    const cases: [Partial<ChatRequest>, Reply][] = [
      [{}, piecesOf(wire, ['stall'])],
      [{}, piecesOf(wire, [...wire.begin(SAID), 'stall'])],
      [{ stream: false }, { ...wire.whole(SAID), pieces: ['stall'] }],
    ];
    for (const [request, reply] of cases) {
      play(reply);
      server.requests.length = 0;
      const leaving = new AbortController();
      const asked = ask(provider, request, leaving.signal).catch((error: unknown) => error);
      await expect.poll(() => server.requests.length).toBe(1);
      leaving.abort();
      expect(await server.requests[0]?.aborted).toBe(true);
      expect(await asked).toMatchObject({ kind: 'cancelled' });
    }
  });

  test('a consumer who stops reading ends the upstream request', async () => {
    play(piecesOf(wire, [...wire.begin(SAID), 'stall']));
    server.requests.length = 0;
    for await (const event of provider.chat(
      'scripted',
      { messages: [{ role: 'user', content: 'x' }] },
      never,
    ))
      if (event.type === 'text') break;
    expect(await server.requests[0]?.aborted).toBe(true);
  });

  test('an error says what its provider said, and no more', async () => {
    for (const stream of [true, false]) {
      play(wire.error(400, 'temperature is odd'));
      await expect(ask(provider, { stream })).rejects.toMatchObject({
        message: `${protocol} answered: temperature is odd`,
      });
    }
  });

  test('a caller may give the connection less time than the provider does', async () => {
    const { url } = await muteServer();
    const mute = providerOf(protocol, url, { connect_timeout_ms: 600_000 });
    for (const stream of [true, false])
      await expect(ask(mute, { stream, connect_ms: 30 })).rejects.toMatchObject({
        kind: 'timeout',
        byCaller: true,
        message: 'there was no connection within 30 ms',
      });
    const hasty = providerOf(protocol, url, { connect_timeout_ms: 30 });
    await expect(ask(hasty, { connect_ms: 600_000 })).rejects.toMatchObject({
      kind: 'timeout',
      byCaller: false,
    });
    // The reply may take longer. With more time where a busy machine did not connect in that.
    const within = (connect_ms: number) => {
      play({
        ...streamed(wire, SAID),
        pieces: [{ wait_ms: 2 * connect_ms }, ...streamed(wire, SAID).pieces],
      });
      return ask(provider, { connect_ms });
    };
    const asked = within(50)
      .catch(() => within(500))
      .catch(() => within(5_000));
    expect(await asked).not.toHaveLength(0);
    mute.close();
    hasty.close();
  });

  test('connections are kept and used again', async () => {
    const before = server.connections();
    const fresh = providerOf(protocol, server.origin);
    play(streamed(wire, SAID));
    for (let call = 0; call < 10; call += 1) await ask(fresh);
    // undici may open a second one before it knows that the first is free.
    expect(server.connections() - before).toBeLessThanOrEqual(2);
    fresh.close();
  });

  test('it lists its models and says that it is well', async () => {
    const models = await provider.models(never);
    expect(models.slice(0, 2)).toEqual(['first', 'second']);
    // What is to be had in a region through an inference profile only is to be had too.
    if (protocol === 'bedrock') expect(models).toContain('eu.second');
    else expect(models).toHaveLength(2);
    await provider.health(never);
    const gone = providerOf(protocol, 'http://127.0.0.1:1');
    await expect(gone.health(never)).rejects.toMatchObject({ kind: 'connection' });
  });
});
