import { createLogger } from '@planyard/runtime';
import { type TestDatabase, testDatabases } from '@planyard/store/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type OpenSource, openSource } from './open-source.ts';
import { readCatalog } from './read-catalog.ts';
import { fingerprint } from './read-tables.ts';
import { SourceConfig } from './source-config.ts';

const log = createLogger({ service: 'test', level: 'silent' });
const SCHEMA = `
  create schema sales;
  create type sales.channel as enum ('shop', 'web', 'phone call');
  create table sales.customers (
    id bigint primary key, email text not null, phone text, segment text, loyalty_token text,
    memo text, born date, photo bytea, extra jsonb, referred_by bigint references sales.customers (id),
    "weird ""name" text);
  comment on table sales.customers is 'Who buys from us';
  comment on column sales.customers.segment is 'Marketing segment';
  comment on column sales.customers.memo is 'Sensitive remarks';
  create table sales.orders (
    id bigint, placed_on date not null, customer_id bigint not null references sales.customers (id),
    status varchar(20), channel sales.channel, total numeric(12, 2), note text, code text,
    primary key (id, placed_on), unique (code, placed_on)) partition by range (placed_on);
`;
const MORE = `
  create table sales.orders_2025 partition of sales.orders for values from ('2025-01-01') to ('2026-01-01');
  create table sales.orders_2026 partition of sales.orders for values from ('2026-01-01') to ('2027-01-01');
  insert into sales.customers (id, email, phone, segment, loyalty_token, memo, "weird ""name")
    select n, 'person' || n || '@secret.example', '+49 170 ' || n, (array['gold','silver'])[1 + n % 2],
      'tok-secret-' || n % 3, 'memo-secret-' || n % 2, (array['x','y'])[1 + n % 2] from generate_series(1, 60) n;
  insert into sales.orders (id, placed_on, customer_id, status, channel, note, code)
    select n, date '2025-06-01' + n * 2, 1 + n % 60, (array['open','paid','shipped'])[1 + n % 3], 'web',
      repeat('long ', 60), 'c' || n from generate_series(1, 200) n;
  create view sales.open_orders as select id, status from sales.orders where status = 'open';
  create materialized view sales.by_segment as select segment, count(*) as n from sales.customers group by 1;
  create table sales.tmp_load (x text);
  create table public.elsewhere (id int);
`;
const config = (more: object = {}) =>
  SourceConfig.parse({ kind: 'postgres', url: { env: 'X' }, schemas: ['sales'], ...more });

describe.each(testDatabases(inject('postgresUrl')))('the catalog of a $name', ({ name, open }) => {
  let database: TestDatabase;
  let source: OpenSource;
  beforeAll(async () => {
    database = await open({ migrated: false });
    for (const part of [SCHEMA, MORE]) for (const each of part.split(';\n')) await run(each);
    source = openSource(database.url);
  });
  afterAll(async () => {
    await source?.close();
    await database?.close();
  });
  const run = async (text: string) => {
    if (text.trim() !== '') await sql.raw(text).execute(database.db);
  };
  const read = async (more: object = {}) => await readCatalog(source, config(more), log);
  const columnOf = async (table: string, column: string, more: object = {}) =>
    (await read(more)).find((each) => each.name === table)?.columns.find((each) => each.name === column);

  it('has tables, views, types, keys and comments, and partitions in their parent', async () => {
    const tables = await read({ exclude: ['tmp_*'] });
    expect(tables.map(({ name: table, kind }) => [table, kind])).toEqual([
      ['by_segment', 'materialized_view'],
      ['customers', 'table'],
      ['open_orders', 'view'],
      ['orders', 'table'],
    ]);
    const [, customers, , orders] = tables;
    expect(customers).toMatchObject({
      comment: 'Who buys from us',
      primary_key: ['id'],
      foreign_keys: [{ columns: ['referred_by'], schema: 'sales', table: 'customers', references: ['id'] }],
    });
    expect(orders).toMatchObject({
      partitions: 2,
      primary_key: ['id', 'placed_on'],
      unique: [['code', 'placed_on']],
      foreign_keys: [{ columns: ['customer_id'], schema: 'sales', table: 'customers', references: ['id'] }],
    });
    expect(orders?.columns.find((each) => each.name === 'status')).toMatchObject({
      type: 'character varying(20)',
      nullable: true,
    });
    expect(orders?.columns.find((each) => each.name === 'placed_on')?.nullable).toBe(false);
  });

  it.each(['before', 'after'])('has values of columns with few %s statistics', async (when) => {
    if (when === 'after') await run('analyze');
    expect((await columnOf('customers', 'segment'))?.values?.toSorted()).toEqual(['gold', 'silver']);
    expect((await columnOf('orders', 'status'))?.values?.toSorted()).toEqual(['open', 'paid', 'shipped']);
    expect((await columnOf('orders', 'channel'))?.values).toEqual(['shop', 'web', 'phone call']);
    expect((await columnOf('customers', 'weird "name'))?.values?.toSorted()).toEqual(['x', 'y']);
    expect(await columnOf('open_orders', 'status')).not.toHaveProperty('values');
    expect(await columnOf('orders', 'code')).not.toHaveProperty('values');
    // 300 characters: a text.
    expect(await columnOf('orders', 'note')).not.toHaveProperty('values');
    const rows = (await read()).find((each) => each.name === 'orders')?.rows;
    expect(rows).toBe(when === 'after' ? 200 : null);
  });

  it('never has values of sensitive columns: by name, by comment, by the configuration', async () => {
    const text = JSON.stringify(await read());
    expect(text).not.toMatch(/secret\.example|\+49|tok-secret|memo-secret/);
    expect(text).toContain('loyalty_token');
    const marked = [
      { sensitive: ['customers.segment'] },
      { sensitive: ['sales.*.seg*'] },
      { sensitive_words: ['segment'] },
      { columns: { 'customers.segment': { values: false } } },
      { values: { max_distinct: 0 } },
    ];
    for (const more of marked)
      expect(await columnOf('customers', 'segment', more)).not.toHaveProperty('values');
    expect(await columnOf('customers', 'segment', { sensitive: ['orders.segment'] })).toHaveProperty(
      'values',
    );
  });

  it('marks sensitive columns, whatever they hold, and not those whose values are only left out', async () => {
    const marked = async (more: object = {}) =>
      (await read(more)).flatMap(({ name: table, columns }) =>
        columns.filter(({ sensitive }) => sensitive).map((column) => `${table}.${column.name}`),
      );
    const own = ['customers.email', 'customers.phone', 'customers.loyalty_token', 'customers.memo'];
    expect(await marked()).toEqual(own);
    expect(await marked({ columns: { 'customers.segment': { values: false } } })).toEqual(own);
    expect(await marked({ sensitive: ['orders.note'] })).toEqual([...own, 'orders.note']);
  });

  it('has another fingerprint once something has changed, and cannot write', async () => {
    const look = () => source.readOnly(5_000, (query) => fingerprint(query, ['sales']));
    const seen = [await look(), await look()];
    await run("insert into sales.customers (id, email) values (1000, 'x')");
    seen.push(await look());
    expect(new Set(seen).size).toBe(1);
    for (const change of [
      'alter table sales.customers add column size text',
      "comment on column sales.customers.size is 'Shirt size'",
      'alter table sales.customers alter column memo type varchar(400)',
      'create table sales.returns (id int references sales.customers (id))',
      "alter type sales.channel add value 'fax'",
      'drop table sales.returns',
    ]) {
      await run(change);
      seen.push(await look());
    }
    expect(new Set(seen).size).toBe(7);
    await expect(
      source.readOnly(5_000, (query) => query('create table sales.mine (id int)')),
    ).rejects.toMatchObject({ code: '25006' });
  });

  it.runIf(name === 'Postgres')('tells only what the role may read', async () => {
    const role = `reader_${database.url.slice(-6)}`;
    await run(`create role ${role} login password 'p'`);
    await run(`grant usage on schema sales to ${role}`);
    await run(`grant select (id, segment) on sales.customers to ${role}`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'p';
    const other = openSource(url.toString());
    const tables = await readCatalog(other, config(), log).finally(() => other.close());
    expect(tables.map((each) => [each.name, each.columns.map((column) => column.name)])).toEqual([
      ['customers', ['id', 'segment']],
    ]);
    await run(`drop owned by ${role}`);
    await run(`drop role ${role}`);
  });
});
