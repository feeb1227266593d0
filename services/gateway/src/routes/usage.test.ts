import { type ModelCall, Usage } from '@planyard/contracts';
import { insertModelCalls } from '@planyard/store';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { call, openGateway, type TestGateway } from '../testing/open-gateway.ts';

let gateway: TestGateway;
let key: string;

beforeAll(async () => {
  gateway = await openGateway(inject('redisUrl'));
  key = await gateway.key(['runs:read'], { tenant: 'acme' });
  const make = (day: string, model: string, more: Partial<ModelCall> = {}): ModelCall => ({
    purpose: 'chat',
    provider: 'openai',
    model,
    agent: null,
    status: 'ok',
    usage: Usage.parse({ input_tokens: 10, output_tokens: 5 }),
    cost_usd: 0.25,
    started_at: `${day}T23:59:59.999Z`,
    duration_ms: 1,
    first_token_ms: null,
    request_id: 'r',
    prompt: null,
    error: null,
    ...more,
  });
  const caller = (tenant: string, key_id: string) => ({ tenant, user: 'u', key_id });
  const of = (one: ModelCall, tags: string[] = [], owner = caller('acme', 'k1')) => ({
    run: null,
    caller: owner,
    tags,
    call: one,
  });
  await insertModelCalls(gateway.db, [
    of(make('2026-11-20', 'a'), ['x', 'y']),
    of(make('2026-11-20', 'a', { agent: 'ops' }), ['x']),
    of(make('2026-11-21', 'b', { status: 'error', usage: Usage.parse({}), cost_usd: null })),
    of(make('2026-11-21', 'b', { cost_usd: null }), [], caller('acme', 'k2')),
    of(make('2026-11-21', '=formula()', { cost_usd: 1e-7 })),
    of(make('2026-11-20', 'a'), [], caller('other', 'k9')),
    of(make('2026-01-01', 'a')),
  ]);
});
afterAll(() => gateway?.close());

const usage = async (query: string) =>
  (
    await call(gateway, 'GET', `/v1/usage?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z&${query}`, {
      key,
    })
  ).json;

it('sums by day and model within the tenant and the time', async () => {
  expect(await usage('')).toMatchObject({
    data: [
      { day: '2026-11-20', model: 'openai/a', calls: 2, input_tokens: 20, output_tokens: 10, cost_usd: 0.5 },
      { day: '2026-11-21', model: 'openai/=formula()', calls: 1 },
      { day: '2026-11-21', model: 'openai/b', calls: 2, errors: 1, unpriced_calls: 1, cost_usd: 0 },
    ],
    total: { calls: 5, input_tokens: 40, cost_usd: 0.5000001 },
  });
});

it('by agent, key and tag, a call under each of its tags', async () => {
  const counts = async (query: string, name: string) =>
    (await usage(query)).data.map((row: Record<string, unknown>) => [row[name], row.calls]);
  expect(await counts('by=agent', 'agent')).toEqual([
    ['ops', 1],
    [null, 4],
  ]);
  expect(await counts('by=key', 'key')).toEqual([
    ['k1', 4],
    ['k2', 1],
  ]);
  expect(await counts('by=tag', 'tag')).toEqual([
    ['x', 2],
    ['y', 1],
    [null, 3],
  ]);
  expect(await counts('by=tag&tag=y', 'tag')).toEqual([['y', 1]]);
  expect((await usage('by=day&model=openai/a')).total.calls).toBe(2);
  const refused = await call(gateway, 'GET', '/v1/usage?by=colour', { key });
  expect(refused).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
});

it('in pages that give each row once, with the same total', async () => {
  const filter = 'by=agent,tag,model&from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z';
  const whole = await call(gateway, 'GET', `/v1/usage?${filter}`, { key });
  expect(whole.json.next_cursor).toBeNull();
  const rows = [];
  let cursor = '';
  do {
    const reply = await call(gateway, 'GET', `/v1/usage?${filter}&limit=2${cursor}`, { key });
    expect(reply.json.total).toEqual(whole.json.total);
    expect(reply.json.data.length).toBeLessThanOrEqual(2);
    rows.push(...reply.json.data);
    cursor = `&cursor=${reply.json.next_cursor}`;
  } while (cursor !== '&cursor=null');
  expect(rows).toHaveLength(5);
  expect(rows).toEqual(whole.json.data);
  const other = Buffer.from(JSON.stringify(['a'])).toString('base64url');
  expect(await call(gateway, 'GET', `/v1/usage?${filter}&cursor=${other}`, { key })).toMatchObject({
    status: 400,
    json: { errors: [{ path: 'cursor' }] },
  });
});

it('as CSV in which no cell is a formula', async () => {
  const query = 'from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z&by=model,key&format=csv&limit=1';
  const reply = await call(gateway, 'GET', `/v1/usage?${query}`, { key });
  expect(reply.headers.get('content-type')).toContain('text/csv');
  expect(reply.text.split('\r\n')).toEqual([
    'model,key,calls,errors,input_tokens,output_tokens,cached_tokens,cost_usd,unpriced_calls',
    'openai/=formula(),k1,1,0,10,5,0,0.0000001,0',
    'openai/b,k1,1,1,0,0,0,0,0',
    'openai/b,k2,1,0,10,5,0,0,1',
    '',
  ]);
});
