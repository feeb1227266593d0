import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';

describe('the door', () => {
  let gateway: TestGateway;
  let key: string;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'));
    key = await gateway.key(['runs:read', 'runs:write']);
  });
  afterAll(() => gateway.close());

  it('is alive and ready', async () => {
    expect((await call(gateway, 'GET', '/healthz')).json).toEqual({ ok: true });
    const ready = await call(gateway, 'GET', '/readyz');
    expect(ready.status).toBe(200);
    expect(ready.json).toEqual({
      ready: true,
      checks: [
        { name: 'redis', ok: true },
        { name: 'postgres', ok: true },
        { name: 'models', ok: true },
        { name: 'prompts', ok: true },
        { name: 'compositions', ok: true },
        { name: 'agents', ok: true },
        { name: 'sources', ok: true },
      ],
    });
  });

  it('answers problems with a code, advice and the request id', async () => {
    const reply = await call(gateway, 'GET', '/v1/runs', { headers: { 'x-request-id': 'my.id-1' } });
    expect(reply.status).toBe(401);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(reply.headers.get('x-request-id')).toBe('my.id-1');
    expect(reply.headers.get('www-authenticate')).toContain('Bearer');
    expect(reply.json).toMatchObject({
      type: '/docs/errors#unauthorized',
      status: 401,
      code: 'unauthorized',
      request_id: 'my.id-1',
      instance: '/v1/runs',
    });
    expect(reply.json.advice).toContain('planyard keys create');
  });

  it('knows wrong paths, wrong methods and wrong media types', async () => {
    expect((await call(gateway, 'GET', '/v2/runs')).json).toMatchObject({
      status: 404,
      code: 'unknown_path',
      title: 'There is no such path',
      advice: expect.stringContaining('/docs'),
    });
    const wrongMethod = await call(gateway, 'DELETE', '/v1/tools', { key });
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get('allow')).toBe('OPTIONS, GET, HEAD');
    const wrongType = await call(gateway, 'POST', '/v1/runs', {
      key,
      body: 'question=hi',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(wrongType.json).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
      detail: 'Send application/json, not application/x-www-form-urlencoded',
    });
  });

  it('locates what is wrong in a body', async () => {
    const malformed = (body: string) => call(gateway, 'POST', '/v1/runs', { key, body });
    for (const [body, message] of [
      ['{"question": "a",}', 'Property name expected at line 1, column 18'],
      ['{"question":\n  hunter2}', 'Invalid symbol at line 2, column 3'],
      ['{"question": "a"', 'Close brace expected at line 1, column 17'],
    ] as const)
      expect((await malformed(body)).json).toMatchObject({
        status: 400,
        code: 'malformed_json',
        detail: message,
        errors: [{ path: 'body', message }],
      });
    expect(JSON.stringify((await malformed('hunter2')).json)).not.toContain('hunter2');
    expect((await malformed('['.repeat(40_000))).json).toMatchObject({ status: 400, code: 'too_deep' });
    const wrong = await call(gateway, 'POST', '/v1/runs', {
      key,
      body: { question: 7, colour: 'red', budget: { ms: 'much' } },
    });
    expect(wrong.status).toBe(400);
    expect(wrong.json.errors.map((fault: { path: string }) => fault.path).sort()).toEqual([
      'budget.ms',
      'colour',
      'question',
    ]);
    expect((await call(gateway, 'POST', '/v1/runs', { key })).json).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'body' }],
    });
    const agent = await call(gateway, 'POST', '/v1/runs', { key, body: { question: 'a', agent: 'poet' } });
    expect(agent.json).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path: 'agent' }] });
    expect((await call(gateway, 'GET', '/v1/runs?limit=1000&x=1', { key })).json.errors).toMatchObject([
      { path: 'query.limit' },
      { path: 'query.x' },
    ]);
  });

  it('serves pages and documents that need nothing from elsewhere', async () => {
    const home = await call(gateway, 'GET', '/');
    expect(home.text).toContain('npx planyard ask');
    const docs = await call(gateway, 'GET', '/docs/');
    expect(docs.text).not.toMatch(/<script>|https?:\/\//);
    expect(docs.headers.get('content-security-policy')).toContain("default-src 'self'");
    for (const path of ['swagger-ui-bundle.js', 'swagger-ui.css', 'start.js', 'page.css', 'errors'])
      expect((await call(gateway, 'GET', `/docs/${path}`)).status, path).toBe(200);
    expect((await call(gateway, 'GET', '/docs')).status).toBe(200);
    const errors = (await call(gateway, 'GET', '/docs/errors')).text;
    expect(errors).toContain('id="rate_limited"');
    expect(errors).toContain('named in <code>errors</code>');
    for (const path of ['index.html', 'swagger-initializer.js', 'package.json'])
      expect((await call(gateway, 'GET', `/docs/${path}`)).status, path).toBe(404);
  });

  it('counts requests by route template and logs them without the key', async () => {
    await call(gateway, 'GET', '/v1/runs/run_0193a1b2-7c00-7abc-8def-0123456789ab', { key });
    await call(gateway, 'GET', '/nowhere');
    const metrics = await gateway.registry.metrics();
    expect(metrics).toMatch(
      /planyard_http_requests_total\{method="GET",route="\/v1\/runs\/\{id\}",status="404".*\} 1/,
    );
    expect(metrics).toMatch(/route="none",status="404"/);
    const log = gateway.lines.join('');
    expect(log).toContain('"request_id"');
    expect(log).not.toContain(key);
  });

  it('makes keys, lists them without secrets, and revokes them', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'keys' });
    const made = await call(gateway, 'POST', '/v1/keys', {
      key: admin,
      body: { name: 'ci', user: 'robot', tenant: 'keys', scopes: ['runs:read'] },
    });
    expect(made.status).toBe(201);
    const { key: secret, id } = made.json;
    expect((await call(gateway, 'GET', '/v1/runs', { key: secret })).status).toBe(200);
    const listed = await call(gateway, 'GET', '/v1/keys', { key: admin });
    expect(listed.json.data.map((entry: { name: string }) => entry.name)).toEqual(['ci', 'test']);
    expect(listed.text).not.toContain(secret);
    expect((await call(gateway, 'DELETE', `/v1/keys/${id}`, { key: admin })).json.revoked_at).not.toBeNull();
    expect((await call(gateway, 'GET', '/v1/runs', { key: secret })).status).toBe(401);
    const other = { name: 'x', user: 'x', tenant: 'default', scopes: ['admin'] };
    expect((await call(gateway, 'POST', '/v1/keys', { key: admin, body: other })).status).toBe(403);
  });

  it('says in /openapi.json what it registers', async () => {
    const { json } = await call(gateway, 'GET', '/openapi.json');
    expect(json.openapi).toMatch(/^3\.1\./);
    const documented = Object.entries(json.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).toMatchInlineSnapshot(`
      [
        "delete /v1/conversations/{id}",
        "delete /v1/keys/{id}",
        "delete /v1/runs/{id}",
        "delete /v1/schedules/{id}",
        "get /healthz",
        "get /openapi.json",
        "get /readyz",
        "get /v1/agents",
        "get /v1/agents/{name}",
        "get /v1/blueprints",
        "get /v1/catalog",
        "get /v1/catalog/{source}/{table}",
        "get /v1/compositions",
        "get /v1/conversations/{id}",
        "get /v1/keys",
        "get /v1/models",
        "get /v1/models/{id}",
        "get /v1/plans",
        "get /v1/prompts",
        "get /v1/prompts/{name}",
        "get /v1/runs",
        "get /v1/runs/{id}",
        "get /v1/runs/{id}/composition",
        "get /v1/runs/{id}/events",
        "get /v1/runs/{id}/steps",
        "get /v1/runs/{id}/steps/{step}",
        "get /v1/runs/{id}/trace",
        "get /v1/schedules",
        "get /v1/schedules/{id}",
        "get /v1/stats",
        "get /v1/tools",
        "get /v1/tools/rank",
        "get /v1/tools/{name}",
        "get /v1/usage",
        "post /v1/agents/{name}/chat",
        "post /v1/blueprints/{name}/chat",
        "post /v1/catalog/refresh",
        "post /v1/chat/completions",
        "post /v1/compositions/{name}/run",
        "post /v1/embeddings",
        "post /v1/imports",
        "post /v1/keys",
        "post /v1/prompts/{name}/render",
        "post /v1/responses",
        "post /v1/runs",
        "post /v1/runs/{id}/cancel",
        "post /v1/runs/{id}/rerun",
        "post /v1/runs/{id}/steps/{step}/abort",
        "post /v1/runs/{id}/steps/{step}/approve",
        "post /v1/runs/{id}/steps/{step}/reject",
        "post /v1/schedules",
        "post /v1/schedules/{id}/pause",
        "post /v1/schedules/{id}/resume",
      ]
    `);
    for (const operation of documented) {
      const [method = '', path = ''] = operation.split(' ');
      const real = path.replace(/\{\w+\}/g, 'x');
      const reply = await call(gateway, method.toUpperCase(), real);
      if (path.startsWith('/v1/')) expect(reply.status, operation).toBe(401);
    }
  });
});
