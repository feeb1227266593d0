import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { Database, Executor } from './database.ts';

export interface StoreOptions {
  databaseUrl: string;
  /** Connections at most; 1 for PGlite, whose clients share one session. */
  poolSize: number;
  log: { warn(fields: object, message: string): void };
}

export interface Store {
  db: Executor;
  close(): Promise<void>;
}

/** Connects lazily to Postgres, or to PGlite behind its socket: the first query opens the first connection. */
export function connectStore({ databaseUrl, poolSize, log }: StoreOptions): Store {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: poolSize,
    application_name: 'planyard',
    connectionTimeoutMillis: 60_000,
    // No query of ours takes as long; one that does would hold its connection for ever.
    statement_timeout: 120_000,
    keepAlive: true,
  });
  // A connection that breaks would otherwise end the process, idle or in use; the pool opens another.
  const lost = (error: Error) => log.warn({ err: error }, 'a database connection was lost');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, close: () => db.destroy() };
}
