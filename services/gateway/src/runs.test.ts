import { isRunEnd, type RunEvent } from '@planyard/contracts';
import type { Consumer, StepOutcome } from '@planyard/engine';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';
import { type Play, playServices, storeBig } from './testing/play-services.ts';
import { readSse } from './testing/read-sse.ts';

const question = { question: 'what depends on orders-db?' };

describe('runs', () => {
  let gateway: TestGateway;
  let key: string;
  let services: Consumer | undefined;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'));
    key = await gateway.key(['runs:read', 'runs:write', 'runs:approve']);
  });
  afterEach(async () => {
    await services?.close(0);
    services = undefined;
  });
  afterAll(() => gateway.close());

  const play = (what: Play = {}) => {
    services = playServices(gateway, what);
  };
  const events = (id: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/v1/runs/${id}/events`, { headers: { authorization: `Bearer ${key}`, ...headers } });
  const ask = async (body: object = question) => {
    const reply = await call(gateway, 'POST', '/v1/runs', { key, body });
    expect(reply.status).toBe(202);
    return reply.json.id as string;
  };
  const ended = async (id: string) => (await readSse(await events(id))).events;

  it('accepts a run, streams its events, and archives it', async () => {
    const reply = await call(gateway, 'POST', '/v1/runs', {
      key,
      body: question,
      headers: { 'x-request-id': 'from-me' },
    });
    const { id } = reply.json;
    expect(reply.json).toEqual({
      id,
      status: 'accepted',
      url: `/v1/runs/${id}`,
      events_url: `/v1/runs/${id}/events`,
      conversation_id: null,
      parent_run_id: null,
    });
    expect(reply.headers.get('location')).toBe(`/v1/runs/${id}`);
    expect((await call(gateway, 'GET', `/v1/runs/${id}`, { key })).json).toMatchObject({
      status: 'accepted',
      answer: null,
      request_id: 'from-me',
    });

    const live = events(id);
    play({ steps: [{ id: 'a' }, { id: 'b', after: ['a'] }] });
    const { events: told } = await readSse(await live);
    expect(told.map((event) => event.number)).toEqual(told.map((_, index) => index + 1));
    expect(told[0]?.type).toBe('run.accepted');
    expect(told.at(-1)?.type).toBe('run.completed');
    expect((await call(gateway, 'GET', `/v1/runs/${id}`, { key })).json).toMatchObject({
      status: 'completed',
      answer: 'all good',
    });
    const listed = await call(gateway, 'GET', '/v1/runs?status=completed&text=ORDERS', { key });
    expect(listed.json.data.map((run: { id: string }) => run.id)).toContain(id);
  });

  it('waits for the end when asked to', async () => {
    play();
    const reply = await call(gateway, 'POST', '/v1/runs', {
      key,
      body: question,
      headers: { prefer: 'wait=20' },
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('preference-applied')).toBe('wait=20');
    expect(reply.json).toMatchObject({ status: 'completed', answer: 'all good' });
  });

  it('answers 202 when the wait is over before the run', async () => {
    const reply = await call(gateway, 'POST', '/v1/runs', {
      key,
      body: question,
      headers: { prefer: 'respond-async, wait=1' },
    });
    expect(reply.status).toBe(202);
    await call(gateway, 'POST', `/v1/runs/${reply.json.id}/cancel`, { key });
  });

  it('takes a question of 20,000 characters, in messages too, and longer ones before it', async () => {
    const post = (messages: object[]) => call(gateway, 'POST', '/v1/runs', { key, body: { messages } });
    const user = (content: unknown) => ({ role: 'user', content });
    const half = { type: 'text', text: 'x'.repeat(10_000) };
    for (const content of ['x'.repeat(20_001), [half, half]])
      expect(await post([user('hello'), user(content)])).toMatchObject({
        status: 400,
        json: {
          code: 'invalid_request',
          errors: [{ path: 'messages[1].content', message: expect.stringContaining('20,000') }],
        },
      });
    const { status, json } = await post([user('x'.repeat(150_000)), user(` ${'x'.repeat(20_000)} `)]);
    expect(status).toBe(202);
    await call(gateway, 'POST', `/v1/runs/${json.id}/cancel`, { key });
  });

  it('streams the run it starts to a client that accepts events', async () => {
    play();
    const response = await fetch(`${gateway.url}/v1/runs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'hello' }] }),
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const { events: told } = await readSse(response);
    expect(told[0]?.data).toMatchObject({ question: 'hello' });
    expect(isRunEnd((told.at(-1) as RunEvent).type)).toBe(true);
  });

  it('gives a repeated idempotency key the same run, and refuses it for another body', async () => {
    const headers = { 'idempotency-key': 'once' };
    const replies = await Promise.all(
      [1, 2, 3].map(() => call(gateway, 'POST', '/v1/runs', { key, body: question, headers })),
    );
    expect(new Set(replies.map((reply) => reply.json.id)).size).toBe(1);
    expect(replies.filter((reply) => reply.headers.get('idempotency-replayed') === 'true')).toHaveLength(2);
    const other = await call(gateway, 'POST', '/v1/runs', { key, body: { question: 'other' }, headers });
    expect(other.json).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
    await call(gateway, 'POST', `/v1/runs/${replies[0]?.json.id}/cancel`, { key });
  });

  it('gives a repeated idempotency key its run when the deadline of the body has passed, too', async () => {
    const hour = 3_600_000;
    const body = { ...question, deadline: new Date(Date.now() + hour).toISOString() };
    const send = (once: string) =>
      call(gateway, 'POST', '/v1/runs', { key, body, headers: { 'idempotency-key': once } });
    const first = await send('soon-over');
    expect(first.status).toBe(202);
    gateway.pass(hour);
    onTestFinished(() => gateway.pass(-hour));
    expect((await send('another')).json.errors).toMatchObject([{ path: 'deadline' }]);
    expect((await send('soon-over')).json).toMatchObject({ id: first.json.id });
    await call(gateway, 'POST', `/v1/runs/${first.json.id}/cancel`, { key });
  });

  it('cancels an open run and refuses to cancel an ended one', async () => {
    let started: () => void = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    play({
      steps: [{ id: 'slow' }],
      execute: (_step, signal) => {
        started();
        return new Promise<StepOutcome>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    });
    const id = await ask();
    await running;
    expect((await call(gateway, 'DELETE', `/v1/runs/${id}`, { key })).json.code).toBe('conflict');
    expect((await call(gateway, 'POST', `/v1/runs/${id}/cancel`, { key })).status).toBe(202);
    expect((await ended(id)).at(-1)?.type).toBe('run.cancelled');
    expect((await call(gateway, 'POST', `/v1/runs/${id}/cancel`, { key })).json.code).toBe('run_closed');
    expect((await call(gateway, 'DELETE', `/v1/runs/${id}`, { key })).status).toBe(204);
    expect((await call(gateway, 'GET', `/v1/runs/${id}`, { key })).status).toBe(404);
  });

  it('shows steps, with results where they were stored, and the trace', async () => {
    const text = 'x'.repeat(100_000);
    play({
      steps: [
        { id: 'small', args: { q: '=1+1', password: 'hunter2' } },
        { id: 'big', after: ['small'] },
      ],
      execute: (step) =>
        step.step.endsWith('big')
          ? storeBig(gateway, step, text)
          : Promise.resolve({
              kind: 'completed',
              result: { value: { n: 1 }, bytes: 7, count: 1, records: [] },
              bound_args: step.args,
              cached: false,
            }),
    });
    const id = await ask();
    await ended(id);
    const first = await call(gateway, 'GET', `/v1/runs/${id}/steps?limit=1`, { key });
    expect(first.json.data).toMatchObject([
      { id: '1.small', status: 'completed', attempts: 1, result: { n: 1 } },
    ]);
    const next = await call(gateway, 'GET', `/v1/runs/${id}/steps?cursor=${first.json.next_cursor}`, { key });
    expect(next.json).toMatchObject({ data: [{ id: '1.big', depends_on: ['1.small'] }], next_cursor: null });
    expect(next.json.data[0]).not.toHaveProperty('result');
    const big = await call(gateway, 'GET', `/v1/runs/${id}/steps/1.big`, { key });
    expect(big.json.result).toEqual({ text });
    const missing = await call(gateway, 'GET', `/v1/runs/${id}/steps/1.none`, { key });
    expect(missing.json.code).toBe('not_found');

    const trace = await call(gateway, 'GET', `/v1/runs/${id}/trace`, { key });
    expect(trace.json.data).toMatchObject([
      { step: '1.small', tool_type: 'test', operation: 'echo', success: true, retry_count: 0 },
      { step: '1.big' },
    ]);
    expect(trace.json.data[0].input_params).toEqual({ q: '=1+1', password: '[redacted]' });
    const csv = await call(gateway, 'GET', `/v1/runs/${id}/trace?format=csv`, { key });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')[0]).toMatch(/^step,tool_type,operation,start_time/);
    const stats = await call(gateway, 'GET', '/v1/stats?tool=test.echo', { key });
    expect(stats.json.data[0]).toMatchObject({ tool: 'test.echo', error: 0 });
  });

  it('lets a person approve or reject a step that asks', async () => {
    play({
      steps: [{ id: 'yes' }, { id: 'no' }],
      execute: async (step) =>
        step.frozen_args
          ? {
              kind: 'completed',
              result: { value: 'done', bytes: 6, count: null, records: [] },
              bound_args: step.frozen_args,
              cached: false,
            }
          : { kind: 'awaiting_approval', bound_args: step.args, effects: 'write', expires_in_ms: 60_000 },
    });
    const id = await ask();
    const askedAt: number[] = [];
    await readSse(await events(id), (event) => {
      if (event.type === 'step.awaiting_approval') askedAt.push(Date.parse(event.at));
      return askedAt.length === 2;
    });
    const { budget, timings } = (await call(gateway, 'GET', `/v1/runs/${id}`, { key })).json;
    expect(budget.ms.used, 'the clock stands since the first asked').toBe(
      (askedAt[0] ?? 0) - Date.parse(timings.created_at),
    );
    const reader = await gateway.key(['runs:read', 'runs:write']);
    const path = `/v1/runs/${id}/steps`;
    expect((await call(gateway, 'POST', `${path}/1.yes/approve`, { key: reader })).json.code).toBe(
      'forbidden',
    );
    expect((await call(gateway, 'POST', `${path}/1.yes/approve`, { key })).status).toBe(200);
    const rejected = await call(gateway, 'POST', `${path}/1.no/reject`, { key, body: { comment: 'never' } });
    expect(rejected.json).toMatchObject({ status: 'failed', error: { code: 'rejected' } });
    await ended(id);
    const yes = await call(gateway, 'GET', `${path}/1.yes`, { key });
    expect(yes.json).toMatchObject({ status: 'completed', result: 'done' });
    expect((await call(gateway, 'POST', `${path}/1.yes/abort`, { key })).json.code).toBe('run_closed');
  });

  it('lists open runs with the status that they have, and those of one', async () => {
    play({
      steps: [{ id: 'asks' }],
      execute: async (step) => ({
        kind: 'awaiting_approval',
        bound_args: step.args,
        effects: 'write',
        expires_in_ms: 60_000,
      }),
    });
    const asks = await ask();
    await readSse(await events(asks), (event) => event.type === 'step.awaiting_approval');
    await services?.close(0);
    const waits = await ask();
    const runsOf = async (query: string) => {
      const page = (await call(gateway, 'GET', `/v1/runs${query}`, { key })).json;
      return page.data.map((run: { id: string; status: string }) => [run.id, run.status]);
    };
    expect(await runsOf('?limit=2')).toEqual([
      [waits, 'accepted'],
      [asks, 'executing'],
    ]);
    expect(await runsOf('?status=executing&limit=1')).toEqual([[asks, 'executing']]);
    expect(await runsOf('?status=accepted&limit=1')).toEqual([[waits, 'accepted']]);
    expect(await runsOf('?status=joining')).toEqual([]);
    for (const id of [asks, waits]) await call(gateway, 'POST', `/v1/runs/${id}/cancel`, { key });
  });
});
