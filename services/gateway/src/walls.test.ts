import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';

interface Operation {
  method: string;
  path: string;
  scope: string | null;
}

const SCOPES = ['runs:read', 'runs:write', 'runs:approve', 'models:call', 'admin'] as const;
/** What gets as far as the handler; the OpenAI-compatible API reads its body before it knows the scope. */
const BODIES: Record<string, object> = {
  '/v1/chat/completions': { model: 'one/x', messages: [{ role: 'user', content: 'hi' }] },
  '/v1/responses': { model: 'one/x', input: 'hi' },
  '/v1/embeddings': { model: 'one/x', input: 'hi' },
};

/** Every route there is, as /openapi.json lists them: a new one is held to these without being named here. */
describe('every route', () => {
  let gateway: TestGateway;
  let operations: Operation[];
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'));
    const { paths } = (await call(gateway, 'GET', '/openapi.json')).json as {
      paths: Record<string, Record<string, { description?: string }>>;
    };
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { description }]) => ({
        method: method.toUpperCase(),
        path,
        scope: /scope `([^`]+)`/.exec(description ?? '')?.[1] ?? null,
      })),
    );
  });
  afterAll(() => gateway.close());

  const ask = ({ method, path }: Operation, key: string | undefined, ids: Record<string, string> = {}) =>
    call(
      gateway,
      method,
      path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'x'),
      {
        ...(key === undefined ? {} : { key }),
        ...(method === 'POST' ? { body: BODIES[path] ?? {} } : {}),
      },
    );

  it('wants a key, but those that tell how the gateway is', async () => {
    for (const operation of operations) {
      const { status } = await ask(operation, undefined);
      if (operation.scope === null) expect(status, operation.path).toBe(200);
      else expect(status, `${operation.method} ${operation.path}`).toBe(401);
    }
    expect(operations.filter(({ scope }) => scope === null).map(({ path }) => path)).toEqual([
      '/healthz',
      '/readyz',
      '/openapi.json',
    ]);
  });

  it('wants the scope that it names', async () => {
    for (const scope of SCOPES.filter((each) => each !== 'admin')) {
      const key = await gateway.key([scope]);
      for (const operation of operations) {
        if (operation.scope === null || operation.scope === scope) continue;
        const { status } = await ask(operation, key);
        expect(status, `${operation.method} ${operation.path} with ${scope}`).toBe(403);
      }
    }
  });

  it('knows nothing of another tenant’s things', async () => {
    const owner = await gateway.key([...SCOPES]);
    const post = async (path: string, body: object, headers: Record<string, string> = {}) =>
      (await call(gateway, 'POST', path, { key: owner, body, headers })).json;
    const run = await post('/v1/runs', { question: 'what is ours?' });
    const schedule = await post('/v1/schedules', { question: 'what is ours?', cron: '0 8 * * 1' });
    const made = await post('/v1/keys', {
      name: 'ours',
      user: 'u',
      tenant: 'default',
      scopes: ['runs:read'],
    });
    const idOf = (path: string) =>
      path.startsWith('/v1/schedules') ? schedule.id : path.startsWith('/v1/keys') ? made.id : run.id;
    const stranger = await gateway.key([...SCOPES], { tenant: 'other' });
    const named = operations.filter(({ path }) => /^\/v1\/(?:runs|schedules|keys)\/\{id\}/.test(path));
    expect(named.length).toBeGreaterThan(15);
    for (const operation of named) {
      const reply = await ask(operation, stranger, { id: idOf(operation.path), step: '1.a' });
      expect(reply.json, `${operation.method} ${operation.path}`).toMatchObject({ code: 'not_found' });
    }
    for (const operation of operations.filter(
      ({ method, path }) => method === 'GET' && !path.includes('{'),
    )) {
      const { text } = await ask(operation, stranger);
      for (const own of ['what is ours?', run.id, schedule.id, made.id])
        expect(text, operation.path).not.toContain(own);
    }
    const back = await call(gateway, 'GET', `/v1/runs/${run.id}`, { key: owner });
    expect(back.json).toMatchObject({ status: 'accepted', question: 'what is ours?' });
  });
});
