import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Parsed } from './import-row.ts';
import { collectEntityCodes, parseBackstage } from './parse-backstage.ts';
import { parseCsv } from './parse-csv.ts';
import { parseJson } from './parse-json.ts';

const collect = (rows: AsyncIterable<Parsed>) => Array.fromAsync(rows);
/** In pieces of three bytes: what is cut anywhere must not matter. */
const pieces = (text: string) =>
  Readable.from(
    (function* () {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
    })(),
    { objectMode: false },
  );
const csv = (text: string) => collect(parseCsv(pieces(text), undefined));
const json = (text: string) => collect(parseJson(pieces(text), undefined));

describe('CSV', () => {
  it('reads items; other columns become attributes, empty cells are absent', async () => {
    const rows = await csv(
      '\uFEFFcode,type,owner,region,tier\r\norders,service,"shop, team",eu,1\r\ndb-01,database,,,\r\n',
    );
    expect(rows).toMatchObject([
      {
        line: 2,
        kind: 'item',
        value: { code: 'orders', owner: 'shop, team', attributes: { region: 'eu', tier: '1' } },
      },
      { line: 3, kind: 'item', value: { code: 'db-01', owner: null, attributes: {} } },
    ]);
  });

  it('tells the kind by the columns', async () => {
    expect(await csv('from,relation,to\na,uses,b\n')).toMatchObject([{ kind: 'relation' }]);
    expect(await csv('code,metric,at,value\na,cpu,2026-11-20T10:00:00Z,1.5\n')).toMatchObject([
      { kind: 'metric', value: { value: 1.5 } },
    ]);
    expect(await csv('code,type,at,message\na,deploy,2026-11-20T10:00:00Z,hi\n')).toMatchObject([
      { kind: 'event' },
    ]);
    const [unknown] = await csv('a,b\n1,2\n');
    expect(unknown).toMatchObject({ line: 1 });
  });

  it('reports each bad row with its line, also after a cell of several lines', async () => {
    const rows = await csv(
      'code,metric,at,value\na,cpu,2026-11-20T10:00:00Z,1\n"b\nb",cpu,2026-11-20T10:00:00Z,1\nc,cpu,yesterday,x\n',
    );
    expect(rows.slice(2)).toMatchObject([
      { line: 5, message: expect.stringContaining('at:') },
      { line: 5, message: expect.stringContaining('value:') },
    ]);
  });

  it('reports a row with too many cells, and an unclosed quote', async () => {
    expect(await csv('from,relation,to\na,b,c,d\n')).toMatchObject([{ line: 2 }]);
    expect(await csv('from,relation,to\n"a,b,c\n')).toMatchObject([{ message: expect.any(String) }]);
  });
});

describe('JSON', () => {
  const a = { code: 'a', type: 'service', name: 'Ä "quoted" } ] ,' };
  it('reads an array and NDJSON', async () => {
    const expected = [
      { kind: 'item', value: a },
      { kind: 'item', value: { code: 'b' } },
    ];
    const b = { code: 'b', type: 'x', attributes: { deep: [{ n: 1 }] } };
    expect(await json(JSON.stringify([a, b]))).toMatchObject(expected);
    expect(await json(JSON.stringify([a, b], null, 2))).toMatchObject(expected);
    expect(await json(`${JSON.stringify(a)}\n\n${JSON.stringify(b)}`)).toMatchObject(expected);
  });

  it('locates bad rows', async () => {
    expect(await json('[\n{"code":"a","type":"x"},\n{"code":1,"type":"x"}\n]')).toMatchObject([
      { kind: 'item' },
      { line: 3, message: expect.stringContaining('code') },
    ]);
    expect(await json('{"code":"a","type":"x"}\n5\n\n{"code":\n7,}\n6\n')).toMatchObject([
      { kind: 'item' },
      { line: 2, message: 'a row must be an object' },
      // Nobody can tell where the next row begins.
      { line: 4, message: 'not JSON: Unexpected RIGHT_BRACE ("}")' },
    ]);
    expect(await json('\uFEFF \n[{"code":"a","type":"x"}\n  ,{"code" 7}')).toMatchObject([
      { kind: 'item', line: 2 },
      { line: 3, message: 'not JSON: Unexpected NUMBER (7)' },
    ]);
    for (const cut of ['[{"code":"a","type":"x"}', '{"code":"a","type":"x"}\n{"code'])
      expect(await json(cut)).toMatchObject([
        { kind: 'item' },
        { message: 'the text ends before its last value or list does' },
      ]);
    expect(await json(' \n')).toEqual([]);
    expect(await json('[{"code":"a","type":"x","colour":1}]')).toMatchObject([
      { line: 1, message: 'colour: unknown field' },
    ]);
    const endless = Readable.from([Buffer.from(`[${'['.repeat(1024 * 1024 + 10)}`)]);
    expect(await collect(parseJson(endless, undefined))).toMatchObject([
      { message: expect.stringContaining('longer') },
    ]);
  });
});

describe('Backstage catalogs', () => {
  const catalog = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  description: Takes orders
  tags: [java]
spec:
  type: service
  lifecycle: production
  owner: group:default/shop
  system: shop
  dependsOn: [resource:default/orders-db, component:payments]
  providesApis: [orders]
  consumesApis: [default/payments-api]
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: orders }
spec: { type: openapi, owner: shop, lifecycle: production, definition: '' }
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: { name: orders-db, title: Orders database }
spec: { type: database, owner: user:jane, dependencyOf: [component:reports] }
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: shop }
spec: { type: team, children: [] }
`;
  const parse = async (text: string, held: Record<string, string> = {}) => {
    const codes = await collectEntityCodes([text], async () => new Map(Object.entries(held)));
    return await Array.fromAsync(parseBackstage(text, codes));
  };

  it('keeps entities of other namespaces apart; a reference without one is to the own', async () => {
    const entity = (namespace: string, refs: string) =>
      `apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: web, namespace: ${namespace} }\nspec: { type: service, dependsOn: [${refs}] }\n`;
    const rows = await parse(
      [
        entity('default', '"component:shop/web"'),
        entity('shop', '"component:db", "component:default/db"'),
      ].join('---\n'),
    );
    const told = rows.flatMap((row) => {
      if (!('kind' in row)) return [row.message];
      if (row.kind === 'item') return [row.value.code];
      return row.kind === 'relation' ? [`${row.value.from} ${row.value.relation} ${row.value.to}`] : [];
    });
    expect(told).toEqual([
      'web',
      'web depends_on shop/web',
      'shop/web',
      'shop/web depends_on shop/db',
      'shop/web depends_on db',
    ]);
  });

  it('reads entities and their relations; an API that shares a name gets its kind as prefix', async () => {
    const rows = await parse(catalog);
    expect(rows.flatMap((row) => ('kind' in row && row.kind === 'item' ? [row] : []))).toMatchObject([
      { line: 1, value: { code: 'orders', type: 'service', owner: 'shop' } },
      { line: 16, value: { code: 'api:orders', type: 'api', attributes: { api_type: 'openapi' } } },
      { line: 21, value: { code: 'orders-db', name: 'Orders database', type: 'database', owner: 'jane' } },
    ]);
    const relations = rows.flatMap((row) => ('kind' in row && row.kind === 'relation' ? [row.value] : []));
    expect(relations.map(({ from, relation, to }) => `${from} ${relation} ${to}`)).toEqual([
      'orders depends_on orders-db',
      'orders depends_on payments',
      'orders part_of shop',
      'orders provides_api api:orders',
      'orders consumes_api payments-api',
      'reports depends_on orders-db',
    ]);
  });

  it('keeps the codes that entities have in the inventory, whatever comes with them or not', async () => {
    const api = `apiVersion: v1\nkind: API\nmetadata: { name: orders }\n`;
    const component = `apiVersion: v1\nkind: Component\nmetadata: { name: orders }\nspec: { consumesApis: [orders] }\n`;
    const told = async (text: string, held: Record<string, string>) =>
      (await parse(text, held)).flatMap((row) => {
        if (!('kind' in row)) return [row.message];
        if (row.kind === 'item') return [row.value.code];
        return row.kind === 'relation' ? [`${row.value.from} ${row.value.to}`] : [];
      });
    expect(await told(api, {})).toEqual(['orders']);
    expect(await told(api, { orders: 'Component' })).toEqual(['api:orders']);
    expect(await told(component, { orders: 'API' })).toEqual(['component:orders', 'component:orders orders']);
    expect(await told(component, { 'api:orders': 'API' })).toEqual(['orders', 'orders api:orders']);
  });

  it('locates what is no entity', async () => {
    const broken = await parse(`${catalog}---\nkind: Component\nmetadata: {}\n`);
    const [fault] = broken.filter((row) => 'message' in row);
    expect(fault).toMatchObject({ line: 31, message: expect.stringContaining('apiVersion') });
    expect(await parse('apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n')).toMatchObject([
      { message: expect.stringContaining('Pod') },
    ]);
    expect(await parse('a: [1\nb: 2\n')).toMatchObject([{ line: expect.any(Number) }]);
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(',')}]`)
      .join('\n')}\n`;
    expect(await parse(bomb)).toMatchObject([{ message: expect.any(String) }]);
    const twice = catalog.replace('  tags: [java]', '  labels: { a: 1, b: 2, a: 3 }');
    expect(await parse(twice)).toContainEqual({ line: 6, message: 'the key a comes twice' });
    const long = catalog.replace('Takes orders', 'x'.repeat(1024 * 1024));
    expect(await parse(long)).toEqual([{ line: 1, message: 'an entity of a catalog may have 1 MiB' }]);
  });

  it('reads as many keys as an entity has room for, and no more', async () => {
    const keys = (count: number) => Array.from({ length: count }, (_, at) => `k${at}`).join();
    const annotated = (count: number) => catalog.replace('tags: [java]', `annotations: {${keys(count)}}`);
    expect((await parse(annotated(5_000)))[0]).toMatchObject({ kind: 'item', value: { code: 'orders' } });
    const labelled = await parse(catalog.replace('tags: [java]', `labels: {${keys(5_000)}}`));
    expect(labelled[0]).toMatchObject({ message: 'attributes: at most 1000 attributes' });
    const message = 'an entity of a catalog may have 20,000 keys, values, marks and lines together';
    expect(await parse(annotated(20_000))).toEqual([{ line: 6, message }]);
    const second = await parse(`${catalog}---\n${annotated(100_000)}`);
    expect(second.at(-1)).toEqual({ line: catalog.split('\n').length + 6, message });
    // The same in many entities is many entities.
    const many = await parse(Array(20).fill(annotated(5_000)).join('---\n'));
    expect(many.filter((row) => 'message' in row)).toEqual([]);
  });

  it('lets others be served between the entities of a long file', async () => {
    let served = 0;
    const serve = () => {
      served += 1;
      next = setImmediate(serve);
    };
    let next = setImmediate(serve);
    const rows = await parse(Array.from({ length: 50 }, () => catalog).join('---\n'));
    clearImmediate(next);
    expect(rows.length).toBeGreaterThan(50);
    expect(served).toBeGreaterThan(50);
  });
});
