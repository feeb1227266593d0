import { once } from 'node:events';
import { request } from 'node:http';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openGateway, type TestGateway } from './testing/open-gateway.ts';

const items = 'code,type\norders,service\norders-db,database\n';
const relations = 'from,relation,to\norders,depends_on,orders-db\n';

describe('imports', () => {
  let gateway: TestGateway;
  let key: string;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'), { PLANYARD_IMPORT_MAX_BYTES: '200000' });
    key = await gateway.key(['admin']);
  });
  afterAll(() => gateway.close());

  async function upload(files: Record<string, string | Uint8Array<ArrayBuffer>>, as = key, query = '') {
    const form = new FormData();
    for (const [name, text] of Object.entries(files)) form.append('files', new Blob([text]), name);
    const response = await fetch(`${gateway.url}/v1/imports${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}` },
      body: form,
    });
    return { status: response.status, json: JSON.parse(await response.text()) };
  }
  const codes = async (tenant: string) => {
    const { rows } = await sql<{ code: string }>`
      select code from items where tenant = ${tenant} order by code`.execute(gateway.db);
    return rows.map(({ code }) => code);
  };

  it('loads files in the order their rows need each other', async () => {
    const metrics = 'code,metric,at,value\norders-db,cpu_usage,2026-11-20T10:00:00Z,42\n';
    const events = '{"code":"orders","type":"deploy","at":"2026-11-20T10:00:00Z","message":"v2"}\n';
    const reply = await upload({
      'dir/b-metrics.csv': metrics,
      'dir/a-relations.csv': relations,
      'events.ndjson': events,
      'items.csv': items,
    });
    expect(reply.status).toBe(200);
    expect(reply.json.files).toMatchObject([
      { file: 'dir/b-metrics.csv', kind: 'metrics', loaded: { metrics: 1 } },
      { file: 'dir/a-relations.csv', kind: 'relations', loaded: { relations: 1 } },
      { file: 'events.ndjson', kind: 'events', loaded: { events: 1 } },
      { file: 'items.csv', kind: 'items', rows: 2, loaded: { items: 2 } },
    ]);
    expect(await codes('default')).toEqual(['orders', 'orders-db']);
  });

  it('says to save as UTF-8 what Excel saves otherwise, and loads nothing of it', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'excel' });
    const utf16 = (text: string) => new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'));
    const late = `${items.repeat(2_000)}café,service\n`;
    const reply = await upload(
      {
        'unicode-text.csv': utf16(items.replaceAll(',', '\t')),
        'utf-16.json': utf16('[{"code":"a","type":"b"}]'),
        'ansi.csv': new Uint8Array(Buffer.from(late, 'latin1')),
        'table.xlsx': items,
        'semicolons.csv': items.replaceAll(',', ';'),
        'utf-8.csv': `\uFEFF${items}café,service\n`,
      },
      admin,
    );
    expect(
      reply.json.files.map(({ errors }: { errors: { message: string }[] }) => errors[0]?.message),
    ).toEqual([
      'the file is not UTF-8: from a spreadsheet, save it as "CSV UTF-8"',
      'the file is not UTF-8: from a spreadsheet, save it as "CSV UTF-8"',
      'the file is not UTF-8: from a spreadsheet, save it as "CSV UTF-8"',
      expect.stringContaining('save it as "CSV UTF-8"'),
      expect.stringMatching(/^cells are separated by commas/),
      undefined,
    ]);
    expect(await codes('excel')).toEqual(['café', 'orders', 'orders-db']);
  });

  it('loads nothing of a file with a bad row, and names the row', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'bad' });
    const reply = await upload(
      { 'items.csv': `${items},service\n`, 'more.csv': 'code,type\nweb,service\n' },
      admin,
    );
    expect(reply.status).toBe(422);
    expect(reply.json).toMatchObject({
      code: 'import_failed',
      instance: '/v1/imports',
      errors: [{ path: 'items.csv:4', message: expect.stringContaining('code') }],
      files: [{ loaded: { items: 0 } }, { loaded: { items: 1 }, errors: [] }],
    });
    expect(await codes('bad')).toEqual(['web']);
  });

  it('takes only numbers as samples, and such that Postgres can average', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'numbers' });
    await upload({ 'items.csv': items }, admin);
    const sample = (value: unknown, second: number) =>
      JSON.stringify({ code: 'orders', metric: 'm', at: `2026-11-20T10:00:0${second}Z`, value });
    const bad = [null, '', [], true, '0x10', 1e101, '-1e300'];
    const refused = await upload({ 'm.ndjson': bad.map(sample).join('\n') }, admin);
    expect(refused.json.errors.map(({ path }: { path: string }) => path)).toEqual(
      bad.map((_, index) => `m.ndjson:${index + 1}`),
    );
    const good = ['1e100', -1e100, ' +2.50 ', '.5', 1e100];
    const taken = await upload({ 'm.ndjson': good.map(sample).join('\n') }, admin);
    expect(taken.json.files).toMatchObject([{ loaded: { metrics: good.length } }]);
    const { rows } = await sql<{ average: number }>`
      select avg(value) as average from metric_samples where tenant = 'numbers'`.execute(gateway.db);
    expect(rows[0]?.average).toBeCloseTo(2e99, -97);
  });

  it('refuses the times that Postgres refuses, and takes every offset', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'times' });
    await upload({ 'items.csv': items }, admin);
    for (const [kind, rest] of [
      ['m', { metric: 'm', value: 1 }],
      ['e', { type: 'deploy', message: 'v2' }],
    ] as const) {
      const row = (at: string) => JSON.stringify({ code: 'orders', at, ...rest });
      const bad = ['0000-06-01T00:00:00Z', '0001-01-01T00:00:00+23:59', '9999-12-31T23:59:59-23:59'];
      const refused = await upload({ [`${kind}.ndjson`]: bad.map(row).join('\n') }, admin);
      expect(refused.json.errors).toHaveLength(bad.length);
      const good = ['0001-01-01T00:00:00Z', '2026-11-20T10:00:00+23:59', '2026-11-20T10:00:00.123456-23:59'];
      const taken = await upload({ [`${kind}.ndjson`]: good.map(row).join('\n') }, admin);
      expect(taken.json.files, kind).toMatchObject([{ rows: good.length, errors: [] }]);
    }
  });

  it('names unknown items, across files too', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'lost' });
    const reply = await upload({ 'r.csv': relations }, admin);
    expect(reply.json.errors).toEqual([
      { path: 'r.csv:2', message: 'from: there is no item orders' },
      { path: 'r.csv:2', message: 'to: there is no item orders-db' },
    ]);
    const entity = (name: string, dependsOn: string) =>
      `apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: ${name} }\nspec: { type: service, dependsOn: [${dependsOn}] }\n`;
    const catalogs = await upload(
      {
        'a/catalog-info.yaml': entity('a', 'component:b'),
        'b/catalog-info.yaml': entity('b', 'component:nowhere'),
        'c/catalog-info.yaml': entity('c', 'component:d'),
        'd/catalog-info.yaml': entity('d', 'component:c'),
      },
      admin,
    );
    expect(catalogs.json.errors).toEqual([
      { path: 'a/catalog-info.yaml:1', message: 'to: there is no item b' },
      { path: 'b/catalog-info.yaml:1', message: 'to: there is no item nowhere' },
    ]);
    expect(await codes('lost')).toEqual(['c', 'd']);
  });

  it('takes nothing from a component for an API of its name that comes alone, and removes what is gone where it is told to', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'again' });
    const entity = (kind: string, name: string, dependsOn = '') =>
      `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: { type: t, dependsOn: [${dependsOn}] }\n---\n`;
    const file = (...entities: string[]) => ({ 'catalog-info.yaml': entities.join('') });
    const edges = async () => {
      const { rows } = await sql<{ from: string; to: string }>`
        select a.code as from, b.code as to from relations r
        join items a on a.tenant = r.tenant and a.id = r.from_id join items b on b.tenant = r.tenant and b.id = r.to_id
        where r.tenant = 'again' order by 1, 2`.execute(gateway.db);
      return rows.map(({ from, to }) => `${from} ${to}`);
    };
    const whole = [
      entity('Component', 'orders', 'db, web'),
      entity('Component', 'db'),
      entity('Component', 'web'),
    ];
    await upload(file(...whole), admin);
    await upload(file(entity('API', 'orders')), admin);
    await upload({ 'items.csv': 'code,type\nbin-day,calendar\n' }, admin);
    expect(await codes('again')).toEqual(['api:orders', 'bin-day', 'db', 'orders', 'web']);
    const at = '2026-11-20T10:00:00Z';
    await upload({ 'm.csv': `code,metric,at,value\ndb,cpu,${at},1\nweb,cpu,${at},1\n` }, admin);

    const less = file(entity('Component', 'orders', 'web'), entity('Component', 'web'));
    expect((await upload(less, admin)).json.items_removed).toBe(0);
    expect(await edges()).toEqual(['orders db', 'orders web']);
    const faulty = { ...less, 'b/catalog-info.yaml': 'kind: Nothing\n' };
    expect((await upload(faulty, admin, '?replace=true')).json.items_removed).toBe(0);
    expect((await upload(less, admin, '?replace=true')).json.items_removed).toBe(2);
    expect(await codes('again')).toEqual(['bin-day', 'orders', 'web']);
    expect(await edges()).toEqual(['orders web']);
    const { rows } = await sql`select 1 from metric_samples where tenant = 'again'`.execute(gateway.db);
    expect(rows).toHaveLength(1);
  });

  it('refuses what is too large, empty, unnamed or no multipart', async () => {
    expect((await upload({ 'big.csv': 'x'.repeat(300_000) })).json.code).toBe('payload_too_large');
    expect((await upload({})).json.code).toBe('invalid_request');
    expect((await upload({ 'notes.txt': 'hi' })).json.errors[0].message).toContain('must end in');
    expect((await upload({ 'empty.csv': '' })).json.code).toBe('import_failed');
    expect((await upload({ '../../etc/x.csv': items })).status).toBe(200);
    const response = await fetch(`${gateway.url}/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
      body: items,
    });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining('multipart/form-data'),
      advice: expect.stringContaining('detail'),
    });
    const writer = await gateway.key(['runs:write']);
    expect((await upload({ 'items.csv': items }, writer)).status).toBe(403);
  });

  it('are so many of a user at once', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'busy', user: 'importer' });
    const begun = Array.from({ length: 5 }, () => {
      const begins = request(`${gateway.url}/v1/imports`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'multipart/form-data; boundary=x' },
      });
      begins.on('error', () => {});
      begins.write('--x\r\n');
      return begins;
    });
    const replies = begun.map(async (each) => (await once(each, 'response'))[0].statusCode);
    expect(await Promise.any(replies)).toBe(429);
    expect(await upload({ 'items.csv': items }, admin)).toMatchObject({
      status: 429,
      json: { code: 'rate_limited', detail: expect.stringContaining('4 imports at once') },
    });
    const other = await gateway.key(['admin'], { tenant: 'busy', user: 'another' });
    expect((await upload({ 'items.csv': items }, other)).status).toBe(200);
    for (const each of begun) each.destroy();
    await expect.poll(async () => (await upload({ 'items.csv': items }, admin)).status).toBe(200);
    await Promise.allSettled(replies);
  });

  it('bears hostile uploads', async () => {
    const admin = await gateway.key(['admin'], { tenant: 'hostile' });
    const send = async (body: string) => {
      const response = await fetch(`${gateway.url}/v1/imports`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'multipart/form-data; boundary=x' },
        body,
      });
      return { status: response.status, json: JSON.parse(await response.text()) };
    };
    const part = (name: string, file: string, text: string) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"; filename="${file}"\r\n\r\n${text}\r\n`;
    const line = (at: number, over: string) =>
      `${'abcdefgh'.at(at)}: &${'abcdefgh'.at(at)} [${`${over},`.repeat(9)}]`;
    const aliases = Array.from({ length: 8 }, (_, at) =>
      line(at, at === 0 ? 'x' : `*${'abcdefgh'.at(at - 1)}`),
    );
    const entity = (metadata: string) =>
      `apiVersion: a/v1\nkind: Component\nmetadata:\n  name: z\n  ${metadata}\nspec: {type: service}`;
    const columns = Array.from({ length: 1_001 }, (_, at) => `c${at}`).join();
    for (const [what, body, code] of [
      ['a huge field name', part('n'.repeat(100_000), 'a.csv', items), 'invalid_request'],
      ['a huge file name', part('files', `${'a'.repeat(100_000)}.csv`, items), 'invalid_request'],
      ['many headers', `--x\r\n${'X-A: b\r\n'.repeat(10_000)}\r\n1\r\n`, 'invalid_request'],
      [
        'many fields',
        '--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'.repeat(1_000),
        'invalid_request',
      ],
      ['a bomb of aliases', part('files', 'a.yaml', aliases.join('\n')), 'import_failed'],
      ['code in YAML', part('files', 'a.yaml', 'kind: !!js/function "function(){}"'), 'import_failed'],
      [
        'an abyss',
        part('files', 'a.json', `[{"code":${'['.repeat(50_000)}${']'.repeat(50_000)}}]`),
        'import_failed',
      ],
      [
        'an abyss of attributes',
        part(
          'files',
          'a.ndjson',
          `{"code":"z","type":"t","attributes":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
        ),
        'import_failed',
      ],
      [
        'an abyss in a cell',
        part(
          'files',
          'a.csv',
          `code,type,attributes\nz,t,"{""a"":${'['.repeat(50_000)}${']'.repeat(50_000)}}"`,
        ),
        'import_failed',
      ],
      ['an alias within itself', part('files', 'a.yaml', entity('labels: &l {a: *l}')), 'import_failed'],
      ['many columns', part('files', 'a.csv', `code,type,${columns}\nz,t,${columns}`), 'import_failed'],
      [
        'many attributes',
        part(
          'files',
          'a.json',
          JSON.stringify([{ code: 'z', type: 't', attributes: { ...columns.split(',') } }]),
        ),
        'import_failed',
      ],
      [
        'a prototype',
        part('files', 'a.json', '[{"code":"z","type":"service","__proto__":{"x":1}}]'),
        'import_failed',
      ],
    ] as const)
      expect((await send(`${body}--x--`)).json.code, what).toBe(code);
    const quoted = part('files', 's.csv', `code,type\n"'; drop table items; --",service\n`);
    expect((await send(`${quoted}--x--`)).status).toBe(200);
    expect(await codes('hostile')).toEqual(["'; drop table items; --"]);
  });

  it('ends with an error when the body is broken off', async () => {
    const response = await fetch(`${gateway.url}/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\ncode,type\n',
    });
    expect(response.status).toBe(400);
  });
});
