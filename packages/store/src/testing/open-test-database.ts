// The second door of the store, for tests of every package: a migrated database of a test file's own.
import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { Client } from 'pg';
import { connectStore, type Store } from '../connect.ts';
import { migrate } from '../migrate.ts';

const silent = { warn: () => {} };

export interface TestDatabase extends Store {
  url: string;
}

/**
 * An empty PGlite in memory behind its socket. It takes seconds of CPU and half a gigabyte: where it need not be
 * PGlite, `openTestDatabase`.
 */
export async function openPGlite(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const pglite = await PGlite.create({ extensions: { vector } });
  const server = new PGLiteSocketServer({ db: pglite, port: 0, maxConnections: 4 });
  await server.start();
  const url = `postgres://postgres@${server.getServerConn()}/postgres`;
  const store = connectStore({ databaseUrl: url, poolSize: 1, log: silent });
  if (options.migrated !== false) await migrate(store.db);
  return {
    db: store.db,
    url,
    async close() {
      await store.close();
      await server.stop();
      await pglite.close();
    },
  };
}

/** An empty database on the Postgres of this test run, dropped on close. */
export async function openPostgres(
  serverUrl: string,
  options: { migrated?: boolean } = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).toString();
  const store = connectStore({ databaseUrl: url, poolSize: 8, log: silent });
  if (options.migrated !== false) await migrate(store.db);
  return {
    db: store.db,
    url,
    async close() {
      await store.close();
      await onServer(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

/** A database for tests that hold on any: on the Postgres of this test run (`inject('postgresUrl')`), or else a PGlite. */
export function openTestDatabase(
  postgresUrl: string | undefined,
  options?: { migrated?: boolean },
): Promise<TestDatabase> {
  return postgresUrl === undefined ? openPGlite(options) : openPostgres(postgresUrl, options);
}

/** The kinds of database a test should hold on: PGlite, and Postgres where this machine has one (`inject('postgresUrl')`). */
export function testDatabases(postgresUrl: string | undefined) {
  return [
    { name: 'PGlite', open: openPGlite },
    ...(postgresUrl === undefined
      ? []
      : [
          {
            name: 'Postgres',
            open: (options?: { migrated?: boolean }) => openPostgres(postgresUrl, options),
          },
        ]),
  ];
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
