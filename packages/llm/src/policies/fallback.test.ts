import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Route } from '../config/route.ts';
import {
  chunkOf,
  errorReply,
  type ModelServer,
  piecesReply,
  type Reply,
  startModelServer,
  streamReply,
  textReply,
} from '../testing/index.ts';
import { openModels } from '../testing/open-models.ts';

let one: ModelServer;
let two: ModelServer;
beforeAll(async () => {
  [one, two] = [await startModelServer(), await startModelServer()];
});
afterAll(() => Promise.all([one.close(), two.close()]));
beforeEach(() => {
  one.requests.length = 0;
  two.requests.length = 0;
});

const play = (server: ModelServer, ...replies: Reply[]) => server.script([{ when: /./, replies }]);
const open = (route: unknown, given: Parameters<typeof openModels>[1] = {}) =>
  openModels({ one, two }, { routes: { smart: Route.parse(route) }, ...given });

test.each([
  ['429', errorReply(429, 'slow down')],
  ['500', errorReply(500, 'oops')],
  ['503', errorReply(503, 'busy')],
  ['a cut before the first token', streamReply(['cut'])],
  ['a broken reply', streamReply(['data: {"choi\n\n'])],
  ['a stall before the first token', streamReply(['stall'])],
])('after %s the next model of the route answers, and nobody notices', async (_name, reply) => {
  play(one, reply);
  play(two, textReply('from two'));
  const { text, calls, registry } = open(['one/a', 'two/b'], {
    provider_timeouts: { one: { first_token_ms: 1_000 } },
  });
  expect(await text('smart')).toBe('from two');
  expect(calls.map(({ provider, status }) => [provider, status])).toEqual([
    ['one', 'error'],
    ['two', 'ok'],
  ]);
  expect(await registry.metrics()).toMatch(
    /llm_fallbacks_total\{provider="one",model="a",agent="none",to_provider="two",to_model="b",error_type="\w+"\} 1/,
  );
});

test.each([
  ['400', errorReply(400, 'bad temperature'), 'bad_request'],
  ['401', errorReply(401, 'who are you'), 'auth'],
])('after %s no other model is asked', async (_name, reply, kind) => {
  play(one, reply);
  const { text } = open(['one/a', 'two/b']);
  await expect(text('smart')).rejects.toMatchObject({ kind });
  expect(two.requests).toHaveLength(0);
});

test('too long a context goes to a larger model, past those that are not', async () => {
  play(one, errorReply(400, 'too long', { code: 'context_length_exceeded' }));
  play(two, textReply('it fits'));
  const sized = [
    { model: 'one/a', context_tokens: 8_000 },
    { model: 'two/small', context_tokens: 4_000 },
    { model: 'two/large', context_tokens: 128_000 },
  ];
  expect(await open(sized).text('smart')).toBe('it fits');
  expect(two.requests.map(({ body }) => body.model)).toEqual(['large']);
  await expect(open(sized.slice(0, 2)).text('smart')).rejects.toMatchObject({ kind: 'context_overflow' });
});

test('once something was passed on, an error is the caller’s, not another model’s', async () => {
  play(one, piecesReply(['half an ', 'cut']));
  const { chat } = open(['one/a', 'two/b']);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const event of chat('smart')) seen.push(event.type);
  })();
  await expect(reading).rejects.toMatchObject({ kind: 'connection' });
  expect(seen).toEqual(['text']);
  expect(two.requests).toHaveLength(0);
});

test('a provider has time limits of its own; a call may have shorter ones, which no breaker hears of', async () => {
  play(one, streamReply(['stall']));
  play(two, textReply('from two'));
  const { text, registry, models } = open(['one/a', 'two/b'], {
    provider_timeouts: { one: { first_token_ms: 50 } },
    breaker: { error_percent: 50, min_calls: 1, window_ms: 60_000, reset_ms: 60_000 },
  });
  const timeouts = { first_token_ms: 60_000 };
  await expect(text('one/a', { timeouts })).rejects.toThrow('within 50 ms');
  expect(await text('smart')).toBe('from two');

  play(two, streamReply(['stall']));
  await expect(text('two/b', { timeouts: { first_token_ms: 20 } })).rejects.toThrow(
    'first token within 20 ms',
  );
  play(two, piecesReply(['from', 'stall']));
  const idle = text('two/b', { timeouts: { between_tokens_ms: 20 } });
  await expect(idle).rejects.toMatchObject({ kind: 'timeout', message: expect.stringContaining('20 ms') });
  expect(models.breakerStates()).toEqual({ 'one/a': 'open', 'two/b': 'closed' });
  const seen = await registry.metrics();
  for (const labels of [
    'provider="one",model="a",agent="none",phase="first_token"} 1',
    'provider="two",model="b",agent="none",phase="deadline"} 2',
  ])
    expect(seen).toContain(`llm_timeouts_total{${labels}`);
});

test('when every model fails, the error tells of the provider and not of a breaker', async () => {
  play(one, errorReply(500, 'one is broken'));
  play(two, errorReply(500, 'two is broken'));
  const breaker = { error_percent: 50, min_calls: 1, window_ms: 60_000, reset_ms: 60_000 };
  const { text, models } = open(['one/a', 'two/b'], { breaker });
  await expect(text('two/b')).rejects.toMatchObject({ kind: 'server' });
  expect(models.breakerStates()).toEqual({ 'two/b': 'open' });
  await expect(text('smart')).rejects.toThrow('one is broken');
});

test('among equals the weights decide, and who is left takes over', async () => {
  play(one, textReply('one'));
  play(two, textReply('two'));
  const route = [[{ model: 'one/a', weight: 3 }, 'two/b']];
  const { text } = open(route);
  const answers = await Promise.all(Array.from({ length: 200 }, () => text('smart')));
  const share = answers.filter((answer) => answer === 'one').length;
  // 150 expected; five standard deviations either way.
  expect(share).toBeGreaterThan(119);
  expect(share).toBeLessThan(181);
  play(one, errorReply(500, 'oops'));
  expect(await open(route).text('smart')).toBe('two');
});

test('the least busy of equals is asked', async () => {
  const busy = Promise.withResolvers<void>();
  play(one, streamReply([{ until: busy.promise }, ...textReply('late').pieces]));
  play(two, streamReply([{ until: busy.promise }, ...textReply('late').pieces]));
  const { text } = open({ choose: 'least_in_flight', models: [['one/a', 'two/b']] });
  const asked = Array.from({ length: 8 }, () => text('smart'));
  await expect.poll(() => [one.requests.length, two.requests.length]).toEqual([4, 4]);
  busy.resolve();
  await Promise.all(asked);
});

test('the quicker of equals is asked once both were', async () => {
  play(one, streamReply([{ wait_ms: 200 }, ...textReply('slow').pieces]));
  play(two, textReply('quick'));
  const { text } = open({ choose: 'lowest_latency', models: [['one/a', 'two/b']] });
  const first = [await text('smart'), await text('smart')];
  expect(first.toSorted()).toEqual(['quick', 'slow']);
  expect(await Promise.all([text('smart'), text('smart'), text('smart')])).toEqual([
    'quick',
    'quick',
    'quick',
  ]);
});

test('a name that is neither a route nor a model of a provider is refused', () => {
  const { chat } = open(['one/a']);
  for (const name of ['gpt-5', 'nowhere/gpt-5', 'one/', '/a', 'constructor', '__proto__', 'toString'])
    expect(() => chat(name)).toThrow(expect.objectContaining({ code: 'unknown_model', status: 404 }));
});

test('calls that are not sound are asked for again, though their usage was told, and are paid', async () => {
  const call = { index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: 'not json' } };
  play(
    one,
    streamReply([
      chunkOf({ delta: { tool_calls: [call] } }),
      chunkOf({ delta: {}, finish_reason: 'tool_calls' }),
      `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } })}\n\n`,
      'data: [DONE]\n\n',
    ]),
  );
  play(two, textReply('from two'));
  const { text, calls } = open(['one/a', 'two/b']);
  const tools = [{ name: 'look', description: '', parameters: { type: 'object' } }];
  for (const live_calls of [false, true]) {
    const messages = [{ role: 'user' as const, content: 'hello' }];
    expect(await text('smart', { request: { messages, tools, live_calls } })).toBe('from two');
  }
  const used = { input_tokens: 7, output_tokens: 3 };
  expect(calls.filter(({ provider }) => provider === 'one')).toMatchObject([
    { usage: used },
    { usage: used },
  ]);
});
