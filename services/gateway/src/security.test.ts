import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';

const MiB = 1024 * 1024;

describe('hostile requests', () => {
  let gateway: TestGateway;
  let key: string;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'));
    key = await gateway.key(['runs:read', 'runs:write']);
  });
  afterAll(() => gateway.close());

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    call(gateway, 'POST', '/v1/runs', { key, body, headers });
  /** Sends bytes as they are, and reads until the gateway closes the connection. */
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => socket.end(text));
      let reply = '';
      socket.on('data', (chunk) => {
        reply += chunk;
      });
      socket.on('close', () => resolve(reply));
      socket.on('error', reject);
    });

  it('takes no header for its own', async () => {
    const injected = await raw(
      'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\u0001b\r\nConnection: close\r\n\r\n',
    );
    expect(injected).toMatch(/^HTTP\/1\.1 400/);
    expect(injected).toContain('invalid_request');
    for (const id of ['a b', 'x'.repeat(200), '<script>', 'a"b', '../../x']) {
      const reply = await call(gateway, 'GET', '/healthz', { headers: { 'x-request-id': id } });
      expect(reply.headers.get('x-request-id')).toMatch(/^req_[0-9a-f-]{36}$/);
    }
    const huge = await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(huge).toContain('The headers are too large');
    const smuggled = await raw(
      'POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz',
    );
    expect(smuggled).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    expect((await post({ question: 'hi' }, { 'idempotency-key': 'a b' })).json.errors).toMatchObject([
      { path: 'header.idempotency-key' },
    ]);
  });

  it('refuses bodies over the limit, inflated and with images too', async () => {
    const text = { question: 'x'.repeat(MiB) };
    expect((await post(text)).json).toMatchObject({ status: 413, code: 'payload_too_large' });
    const bomb = gzipSync(Buffer.alloc(30 * MiB, ' '));
    const zipped = await fetch(`${gateway.url}/v1/runs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: bomb,
    });
    expect(zipped.status).toBe(413);
    const withImage = (bytes: number) => ({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(bytes)}` } },
          ],
        },
      ],
    });
    expect((await post(withImage(2 * MiB))).status).toBe(202);
    expect((await post(withImage(20 * MiB))).status).toBe(413);
  });

  it('refuses depth and prototype keys', async () => {
    const deep = `{"question":"a","options":${'{"a":'.repeat(60)}1${'}'.repeat(60)}}`;
    expect((await post(deep)).json).toMatchObject({ status: 400, code: 'too_deep' });
    expect((await post(`${'['.repeat(40_000)}${']'.repeat(40_000)}`)).json.code).toBe('too_deep');
    for (const body of [
      '{"question":"a","__proto__":{"admin":true}}',
      '{"question":"a","options":{"__proto__":{"cache":false}}}',
      '{"question":"a","constructor":{"prototype":{"admin":true}}}',
    ])
      expect((await post(body)).json, body).toMatchObject({
        status: 400,
        errors: [{ message: 'unknown field' }],
      });
    for (const body of ['null', '[]', '"x"', '1']) expect((await post(body)).status, body).toBe(400);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  it('keeps tenants apart', async () => {
    const created = await post({ question: 'mine' });
    const { id } = created.json;
    const stranger = await gateway.key(['runs:read', 'runs:write', 'runs:approve', 'admin'], {
      tenant: 'other',
    });
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/events'],
      ['GET', '/steps'],
      ['GET', '/steps/1.a'],
      ['GET', '/trace'],
      ['POST', '/cancel'],
      ['POST', '/steps/1.a/approve'],
      ['POST', '/steps/1.a/reject'],
      ['POST', '/steps/1.a/abort'],
    ] as const) {
      const reply = await call(gateway, method, `/v1/runs/${id}${path}`, { key: stranger });
      expect(reply.json, `${method} ${path}`).toMatchObject({ status: 404, code: 'not_found' });
    }
    expect((await call(gateway, 'GET', '/v1/runs', { key: stranger })).json.data).toEqual([]);
    expect((await call(gateway, 'GET', `/v1/runs?text=mine`, { key: stranger })).json.data).toEqual([]);
    const { key: ours } = (
      await call(gateway, 'POST', '/v1/keys', {
        key: await gateway.key(['admin']),
        body: { name: 'ours', user: 'u', tenant: 'default', scopes: ['runs:read'] },
      })
    ).json;
    const ids = await gateway.db.selectFrom('api_keys').select('id').where('name', '=', 'ours').execute();
    for (const query of ['', '?tenant=default'])
      expect(
        (await call(gateway, 'DELETE', `/v1/keys/${ids[0]?.id}${query}`, { key: stranger })).status,
      ).toBeGreaterThanOrEqual(403);
    expect((await call(gateway, 'GET', '/v1/runs', { key: ours })).status).toBe(200);
    const keys = await call(gateway, 'GET', '/v1/keys?tenant=default', { key: stranger });
    expect(keys.json.code).toBe('forbidden');
    expect((await call(gateway, 'GET', '/admin/queues', { key: stranger })).json.code).toBe('forbidden');
  });

  it('holds keys to their scopes, expiry and form', async () => {
    const reader = await gateway.key(['runs:read']);
    expect(
      (await call(gateway, 'POST', '/v1/runs', { key: reader, body: { question: 'a' } })).json,
    ).toMatchObject({
      status: 403,
      detail: 'This needs a key with the scope runs:write',
    });
    for (const path of ['/v1/keys', '/admin/queues'])
      expect((await call(gateway, 'GET', path, { key: reader })).status).toBe(403);
    const expired = await gateway.key(['runs:read'], { expires_at: '2020-01-01T00:00:00Z' });
    for (const bad of [expired, `${reader.slice(0, -1)}x`, 'py_', 'Bearer', "' or 1=1 --", '\u00e9']) {
      const reply = await call(gateway, 'GET', '/v1/runs', {
        headers: { authorization: `Bearer ${encodeURIComponent(bad)}` },
      });
      expect(reply.json, bad).toMatchObject({ status: 401, code: 'unauthorized' });
    }
    const basic = Buffer.from(`anyone:${reader}`).toString('base64');
    const asBrowser = await call(gateway, 'GET', '/v1/runs', {
      headers: { authorization: `Basic ${basic}` },
    });
    expect(asBrowser.status).toBe(200);
  });

  it('lets no page of another origin use the key that a browser remembers', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'browsers' });
    const basic = `Basic ${Buffer.from(`anyone:${admin}`).toString('base64')}`;
    const { host } = new URL(gateway.url);
    const upload = (authorization: string, headers: Record<string, string>) => {
      const body = new FormData();
      body.append('files', new Blob(['code,type\nshop,service\n']), 'items.csv');
      return fetch(`${gateway.url}/v1/imports`, {
        method: 'POST',
        headers: { authorization, ...headers },
        body,
      });
    };
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://evil.${host}` },
      { origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
      { origin: `http://${host}`, 'sec-fetch-site': 'same-site' },
    ] as Record<string, string>[])
      expect((await upload(basic, headers)).status, JSON.stringify(headers)).toBe(401);
    for (const headers of [{ origin: `http://${host}` }, { 'sec-fetch-site': 'same-origin' }, {}])
      expect((await upload(basic, headers as Record<string, string>)).status).toBe(200);
    expect((await upload(`Bearer ${admin}`, { origin: 'https://evil.example' })).status).toBe(200);
  });

  it('gives no path a second meaning', async () => {
    for (const path of [
      '/v1/runs/..%2f..%2fkeys',
      '/v1/runs/%00',
      '/v1/runs/run_x',
      "/v1/runs/run_0193a1b2-7c00-7abc-8def-0123456789ab'--",
      '/v1/tools/__proto__',
      '/docs/..%2f..%2fpackage.json',
      '/docs/%2e%2e/%2e%2e/package.json',
      '/docs/....//package.json',
      '//v1//runs',
    ]) {
      const reply = await call(gateway, 'GET', path, { key });
      expect(reply.status, path).toBe(404);
    }
    expect((await call(gateway, 'GET', '/v1/runs/%E0%A4%A', { key })).json).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
    const query = await call(gateway, 'GET', '/v1/runs?status[$ne]=x&__proto__[a]=1&cursor=xx', { key });
    expect(query.status).toBe(400);
    expect((await call(gateway, 'GET', '/v1/runs?cursor=e30', { key })).json.errors).toMatchObject([
      { path: 'cursor' },
    ]);
    const quoted = await call(
      gateway,
      'GET',
      `/v1/runs?text=${encodeURIComponent("%_'; drop table runs;--")}`,
      {
        key,
      },
    );
    expect(quoted.json.data).toEqual([]);
  });

  it('takes no text for more than text', async () => {
    const admin = await gateway.key(['admin']);
    const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const texts = [
      "'",
      "' or 1=1; drop table runs; --",
      '\0',
      '%',
      '\ud800',
      '1e400',
      '-1',
      '99999999999999999999',
      '0000-01-01T00:00:00Z',
      '+275760-09-13T00:00:00.001Z',
      cursor(['0000-01-01T00:00:00Z', 'a']),
      cursor(['2026-01-01T00:00:00Z', '\0']),
      cursor(['2026-01-01T00:00:00Z', "' or 1=1 --"]),
      cursor([Number.MAX_SAFE_INTEGER]),
    ];
    const { id } = (await post({ question: 'x' })).json;
    for (const [path, fields] of [
      ['/v1/runs', ['status', 'agent', 'text', 'from', 'to', 'cursor', 'limit']],
      [`/v1/runs/${id}/steps`, ['cursor', 'limit']],
      [`/v1/runs/${id}/trace`, ['cursor', 'format']],
      ['/v1/stats', ['tool', 'from', 'to']],
      ['/v1/tools', ['type', 'cursor']],
      ['/v1/keys', ['tenant', 'cursor']],
    ] as const)
      for (const field of fields)
        for (const text of texts) {
          const query = `${path}?${field}=${encodeURIComponent(text.toWellFormed())}`;
          const reply = await call(gateway, 'GET', query, { key: admin });
          expect([200, 400], query).toContain(reply.status);
          if (reply.status === 200 && path !== '/v1/keys') expect(reply.text, query).not.toContain('other');
        }
    for (const text of ['\0', 'a\nb', '\ud800']) {
      expect((await post({ question: 'a', agent: text })).json.errors).toMatchObject([{ path: 'agent' }]);
      const named = { name: text, user: 'u', tenant: 'default', scopes: ['runs:read'] };
      const made = await call(gateway, 'POST', '/v1/keys', { key: admin, body: named });
      expect(made.json.errors).toMatchObject([{ path: 'name' }]);
      // A question may hold what was pasted.
      expect((await post({ question: `what is ${text}?` })).status).toBe(202);
    }
    for (const budget of [{ ms: 1e308 }, { ms: -1 }, { steps: 1.5 }, { tokens: 2 ** 60 }])
      expect((await post({ question: 'a', budget })).json.code, JSON.stringify(budget)).toBe(
        'invalid_request',
      );
  });

  it('tells nothing of its inside', async () => {
    const broken = await openGateway(inject('redisUrl'));
    const admin = await broken.key(['admin']);
    expect((await call(broken, 'GET', '/v1/runs', { key: admin })).status).toBe(200);
    await broken.db.schema.dropTable('runs').cascade().execute();
    const reply = await call(broken, 'GET', '/v1/runs', { key: admin });
    expect(reply.json).toMatchObject({ status: 500, code: 'internal' });
    expect(reply.text).not.toMatch(/select|relation|\.ts|stack|kysely/i);
    expect(broken.lines.join('')).toContain('relation');
    await broken.close();
  });
});
