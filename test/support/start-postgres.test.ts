import { Client } from 'pg';
import { expect, inject, test } from 'vitest';

const url = inject('postgresUrl');

test.skipIf(!url)('the test Postgres is a 17 with pgvector', async () => {
  const client = new Client(url);
  await client.connect();
  try {
    const versions = await client.query(
      "select current_setting('server_version_num')::int as server, (select count(*)::int from pg_available_extensions where name = 'vector') as vector",
    );
    expect(versions.rows[0].server).toBeGreaterThanOrEqual(170_000);
    expect(versions.rows[0].vector).toBe(1);
  } finally {
    await client.end();
  }
});
