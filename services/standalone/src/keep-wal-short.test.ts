import { openPGlite } from '@planyard/store/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { checkpointWhenDue } from './keep-wal-short.ts';

test('the embedded database gets a checkpoint when its log has grown, and not before', async () => {
  const { db, close } = await openPGlite({ migrated: false });
  await sql`checkpoint`.execute(db);
  await sql`create table filler as select repeat('x', 200) as text from generate_series(1, 10000)`.execute(
    db,
  );
  expect(await checkpointWhenDue(db, 1_000_000_000)).toBe(false);
  expect(await checkpointWhenDue(db, 1_000_000)).toBe(true);
  expect(await checkpointWhenDue(db, 1_000_000)).toBe(false);
  await close();
});
