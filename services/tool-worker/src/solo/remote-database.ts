import type { Executor } from '@planyard/store';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';

export interface RemoteQuery {
  sql: string;
  parameters: readonly unknown[];
}
export interface RemoteRows {
  rows: unknown[];
  affected: bigint | undefined;
}

/**
 * A database whose queries another process runs: PGlite takes one connection, and a process that may crash should hold
 * none. Single statements only: the worker's own steps need no more, and a transaction must not hang on a dying process.
 */
export function remoteDatabase(ask: (query: RemoteQuery) => Promise<RemoteRows>): Executor {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, affected } = await ask({ sql, parameters });
      return { rows: rows as R[], numAffectedRows: affected };
    },
    streamQuery(): AsyncIterableIterator<never> {
      throw new Error('a remote database gives no streams');
    },
  };
  const refuse = async () => {
    throw new Error('a remote database has no transactions');
  };
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
  return new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}

/** Runs a query for another process. */
export async function answerQuery(db: Executor, { sql, parameters }: RemoteQuery): Promise<RemoteRows> {
  const { rows, numAffectedRows } = await db.executeQuery(CompiledQuery.raw(sql, [...parameters]));
  return { rows, affected: numAffectedRows };
}
