import { Pool, type PoolClient } from 'pg';

/** One statement. Values of the result are as `pg` reads them. */
export type Query = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;

export interface OpenSource {
  /** Runs `work` in a transaction that cannot write, of which each statement has a time limit. */
  readOnly<T>(timeoutMs: number, work: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;

/** A database of somebody else's, with one connection, which is let go when it has nothing to do. */
export function openSource(url: string): OpenSource {
  const pool = new Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 10_000,
    application_name: 'planyard catalog',
    allowExitOnIdle: true,
  });
  // An idle connection that the server ends: the next reading opens another, and tells if it cannot.
  pool.on('error', () => {});
  return {
    async readOnly(timeoutMs, work) {
      const client = await pool.connect();
      try {
        await client.query('begin isolation level repeatable read read only');
        await client.query(`set local statement_timeout = ${Math.round(timeoutMs)}`);
        await client.query('set local lock_timeout = 2000');
        const done = await work(queryOf(client));
        await client.query('rollback');
        client.release();
        return done;
      } catch (error) {
        // What it was in the middle of is unknown: the connection is not used again.
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

function queryOf(client: PoolClient): Query {
  return async <Row extends object>(text: string, values: unknown[] = []) => {
    const { rows } = await client.query<Row>(text, values);
    return rows;
  };
}
