import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@planyard/contracts';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { Price } from '../config/price.ts';
import { Route } from '../config/route.ts';
import { createOpenAiCompatible } from '../providers/openai-compatible/provider.ts';
import type { ModelSettings } from '../settings.ts';
import { type ModelServer, startModelServer, streamReply, textReply } from '../testing/index.ts';
import { openModels } from '../testing/open-models.ts';
import { startProcesses } from '../testing/start-processes.ts';
import type { BudgetScope } from './budgets.ts';
import { chatDemand } from './demand.ts';
import { NO_USAGE } from './record.ts';

let server: ModelServer;
let redis: Redis;
beforeAll(async () => {
  server = await startModelServer();
  redis = new Redis(inject('redisUrl'));
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

const namespaced = () => `t${randomUUID().slice(0, 8)}`;
const CALLER = { tenant: 'default', user: 'ann', key_id: 'k1' };
const prices = { as_of: '2026-01-01', prices: { 'one/*': Price.parse({ input: 1, output: 1 }) } };
/** What "hello" is estimated at, and what is asked for on top: 20 tokens, 20 millionths of a USD. */
const MAX_TOKENS = 14;
const used = (prompt: number, completion: number) =>
  server.script([
    {
      when: /./,
      replies: [textReply('ok', { usage: { prompt_tokens: prompt, completion_tokens: completion } })],
    },
  ]);

function open(settings: Partial<ModelSettings>) {
  const opened = openModels(
    { one: server, two: server },
    { prices, ...settings },
    { redis: { redis, namespace: namespaced() } },
  );
  onTestFinished(() => opened.models.close());
  return opened;
}

async function thousandCalls(settings: Partial<ModelSettings>) {
  const processes = await startProcesses(3, {
    redisUrl: inject('redisUrl'),
    namespace: namespaced(),
    servers: { one: server },
    // However long a busy machine takes: what waits is refused once nothing can come back.
    settings: { prices, budget_patience_ms: 180_000, ...settings },
  });
  const reports = await Promise.all(
    processes.map((each, index) =>
      each.ask({
        model: 'one/a',
        calls: index === 0 ? 334 : 333,
        max_tokens: MAX_TOKENS,
        context: { caller: CALLER },
      }),
    ),
  );
  return {
    answers: reports.reduce((sum, { answers }) => sum + answers, 0),
    refused: reports.reduce((sum, { failures }) => sum + (failures.budget_exceeded ?? 0), 0),
  };
}

test('1,000 calls of three processes at a budget for 100: exactly 100 go through', async () => {
  used(6, MAX_TOKENS);
  const usd = 100 * 20e-6;
  expect(await thousandCalls({ budgets: [{ per: 'key', period: 'total', usd }] })).toEqual({
    answers: 100,
    refused: 900,
  });
  expect(server.requests).toHaveLength(100);
});

test('what was reserved and not used goes to the calls that wait', async () => {
  used(6, 4);
  // Each uses half of what it reserves; the last one must find the whole.
  expect(await thousandCalls({ budgets: [{ per: 'tenant', period: 'day', tokens: 2_000 }] })).toEqual({
    answers: 199,
    refused: 801,
  });
});

test('a call that does not say gets the tokens its budget affords', async () => {
  used(6, 94);
  const { text } = open({});
  const ask = () => text('one/a', { budgets: [{ per: 'run', id: 'r1', usd: 200e-6 }] });
  await ask();
  await ask();
  expect(server.requests.map(({ body }) => body.max_tokens)).toEqual([194, 94]);
  await expect(ask()).rejects.toMatchObject({ code: 'budget_exceeded', status: 402 });
  expect(server.requests).toHaveLength(2);
});

test('a call that does not say is sent without a limit where no budget is near', async () => {
  used(6, 10);
  const { text } = open({ budgets: [{ per: 'user', period: 'day', tokens: 1_000_000 }] });
  const request = (tokens: number) => [{ per: 'request' as const, id: '', tokens }];
  await text('one/a', { caller: CALLER });
  await text('one/a', { caller: CALLER, budgets: request(500_000) });
  await text('one/a', { caller: CALLER, budgets: request(100_000) });
  await text('one/a', { budgets: [{ per: 'run', id: 'r1', usd: 1 }] });
  await text('one/a', { budgets: [{ per: 'run', id: 'r2', usd: 0.1 }] });
  expect(server.requests.map(({ body }) => body.max_tokens)).toEqual([
    undefined,
    undefined,
    8192,
    undefined,
    8192,
  ]);
});

test('far from its budgets a call is let through uncounted, near one it is counted', async () => {
  const { models } = open({ budgets: [{ per: 'user', period: 'day', usd: 1_000_000 }] });
  let counted = 0;
  const ask = (budgets: BudgetScope[]) =>
    Array.fromAsync(
      models.stream<string>({
        ...{
          model: 'one/a',
          caller: CALLER,
          purpose: 'chat',
          agent: null,
          request_id: 'req-1',
          prompt: null,
        },
        signal: new AbortController().signal,
        deadline_at: null,
        onCall: () => undefined,
        budgets,
        streaming: false,
        demand: {
          ...chatDemand({ max_tokens: MAX_TOKENS }, () => ({ messages: [] })),
          async input_tokens() {
            counted += 1;
            return 6;
          },
          input_tokens_at_most: () => 20,
        },
        async *open() {
          yield 'ok';
        },
        meter: { usage: () => NO_USAGE, text: () => '', ends: () => true, told: () => [] },
        input: () => null,
      }),
    );
  // The first learns what there is; from then on there are tranches of it.
  for (let call = 0; call < 10; call += 1) await ask([]);
  expect(counted).toBe(1);
  for (let call = 0; call < 3; call += 1) await ask([{ per: 'run', id: 'r1', usd: 21e-6 }]);
  expect(counted).toBe(4);
  for (let call = 0; call < 3; call += 1) await ask([{ per: 'request', id: '', usd: 21e-6 }]);
  expect(counted).toBe(7);
});

test('answers as long as a model can give overdraw no budget, however many are asked for at once', async () => {
  const most = 131_072;
  let spent = 0;
  server.script([
    {
      when: /./,
      replies({ body }) {
        const completion = (body.max_tokens as number | undefined) ?? most;
        spent += 6 + completion;
        return textReply('ok', { usage: { prompt_tokens: 6, completion_tokens: completion } });
      },
    },
  ]);
  const { text } = open({
    budgets: [{ per: 'user', period: 'day', tokens: 1_000_000 }],
    budget_patience_ms: 100,
  });
  const asked = Array.from({ length: 200 }, () =>
    text('one/a', { caller: CALLER }).catch(({ code }) => code),
  );
  const outcomes = await Promise.all(asked);
  expect(new Set(outcomes)).toEqual(new Set(['ok', 'budget_exceeded']));
  expect(spent).toBeLessThanOrEqual(1_000_000);
  const limits = server.requests.map(({ body }) => body.max_tokens);
  expect(limits.filter((limit) => limit === undefined).length).toBeGreaterThan(0);
});

test('a request’s own budget needs no books; what was spent elsewhere counts', async () => {
  used(6, 10);
  const { text } = openModels({ one: server }, { prices });
  const message = { messages: [{ role: 'user' as const, content: 'hello' }] };
  const ask = (tokens: number, spent = 0) =>
    text('one/a', {
      request: message,
      budgets: [{ per: 'request', id: '', tokens, spent: { usd: 0, tokens: spent } }],
    });
  await ask(50);
  expect(server.requests[0]?.body.max_tokens).toBe(44);
  await expect(ask(50, 40)).rejects.toMatchObject({ code: 'budget_exceeded' });
});

test('under a budget in USD a model without a price is refused, and passed over in a route', async () => {
  used(6, 10);
  const { text, calls } = open({ routes: { smart: Route.parse(['two/unheard-of', 'one/a']) } });
  const budgets = [{ per: 'request' as const, id: '', usd: 1 }];
  await expect(text('two/unheard-of', { budgets })).rejects.toMatchObject({ code: 'model_unpriced' });
  expect(await text('smart', { budgets })).toBe('ok');
  expect(calls.map(({ provider }) => provider)).toEqual(['one']);
  expect(await text('two/unheard-of')).toBe('ok');
});

/** A reply that used 6 and 14 tokens, and says how it was served. */
const served = (service_tier?: string) => {
  const { pieces, ...reply } = textReply('ok', { usage: { prompt_tokens: 6, completion_tokens: 14 } });
  const told = service_tier === undefined ? '' : `"service_tier":"${service_tier}",`;
  const said = pieces.map((piece) => `${piece}`.replace('"usage":{', `${told}"usage":{`));
  server.script([{ when: /./, replies: [{ ...reply, pieces: said }] }]);
};
const asking = (service_tier: string, usd?: number) => ({
  request: {
    messages: [{ role: 'user' as const, content: 'hello' }],
    max_tokens: MAX_TOKENS,
    extra: { service_tier },
  },
  budgets: [{ per: 'request' as const, id: '', usd }],
});
const tiered = (more: object) => ({
  as_of: '2026-01-01',
  prices: { 'one/*': Price.parse({ input: 1, output: 1, batch: { input: 0.5, output: 0.5 }, ...more }) },
});

test('flexible service is reserved as any other, and costs less where the reply says that it was given', async () => {
  const { text, calls } = open({ prices: tiered({}) });
  for (const tier of [undefined, 'default', 'flex']) {
    served(tier);
    await text('one/a', asking('flex', 25e-6));
  }
  expect(calls.map(({ cost_usd }) => cost_usd)).toEqual([20e-6, 20e-6, 10e-6]);
  await expect(text('one/a', asking('flex', 15e-6))).rejects.toMatchObject({ code: 'budget_exceeded' });
});

test('priority service costs what its price says; without one it is refused under a budget in USD', async () => {
  served('priority');
  const unpriced = open({ prices: tiered({}) });
  await expect(unpriced.text('one/a', asking('priority', 1))).rejects.toMatchObject({
    code: 'model_unpriced',
    errors: [{ path: 'service_tier' }],
  });
  await unpriced.text('one/a', asking('priority'));
  const { text, calls } = open({ prices: tiered({ priority: 2 }) });
  await expect(text('one/a', asking('priority', 30e-6))).rejects.toMatchObject({ code: 'budget_exceeded' });
  await text('one/a', asking('priority', 45e-6));
  served('default');
  await text('one/a', asking('priority', 45e-6));
  const costs = [...unpriced.calls, ...calls].map(({ cost_usd }) => cost_usd);
  expect(costs).toEqual([null, 40e-6, 20e-6]);
});

test('a model of another protocol is not told of a service, and costs what it does', async () => {
  const options = { name: 'one', base_url: server.url, api_key: null, connect_timeout_ms: 60_000 };
  const provider = { ...createOpenAiCompatible(options), protocol: 'ollama' as const };
  const { text, calls } = openModels({}, { providers: [provider], prices: tiered({ priority: 2 }) });
  served();
  for (const tier of ['flex', 'priority']) await text('one/a', asking(tier, 25e-6));
  expect(calls.map(({ cost_usd }) => cost_usd)).toEqual([20e-6, 20e-6]);
});

test('priority service that nobody asked for and no price tells takes no less of a budget than any other', async () => {
  served('priority');
  const budgets = [{ per: 'user' as const, period: 'day' as const, usd: 35e-6 }];
  const { text } = open({ prices: tiered({}), budgets, budget_patience_ms: 60_000 });
  const plain = { ...asking('auto'), caller: CALLER };
  await text('one/a', plain);
  await expect(text('one/a', plain)).rejects.toMatchObject({ code: 'budget_exceeded' });
});

test.each([
  ['web_search_options', {}],
  ['audio', { voice: 'alloy' }],
  ['modalities', ['text', 'image']],
  ['tools', { type: 'openrouter:web_search' }],
] as [string, JsonObject | string[]][])(
  'what no price tells is refused under a budget in USD: %s',
  async (path, value) => {
    served();
    const { text } = open({});
    const tools =
      path === 'tools' ? [{ name: 'x', description: '', parameters: {}, given: value as JsonObject }] : [];
    const messages = [{ role: 'user' as const, content: 'hello' }];
    const request = { messages, tools, extra: path === 'tools' ? {} : { [path]: value } };
    const asked = text('one/a', { request, budgets: [{ per: 'request', id: '', usd: 1 }] });
    await expect(asked).rejects.toMatchObject({ code: 'model_unpriced', errors: [{ path }] });
    expect(await text('one/a', { request })).toBe('ok');
  },
);

test('a caller who leaves is charged for what was said until then', async () => {
  server.script([
    { when: /./, replies: [streamReply([textReply('one two three').pieces[0] ?? '', 'stall'])] },
  ]);
  const { chat, text } = open({ budgets: [{ per: 'user', period: 'day', tokens: 100 }] });
  for await (const event of chat('one/a', { caller: CALLER })) if (event.type === 'text') break;
  used(6, 80);
  await text('one/a', { caller: CALLER });
  // 100, less 5 of the question and 3 of the answer, less 6 of this question.
  expect(server.requests.map(({ body }) => body.max_tokens)).toEqual([94, 86]);
});
