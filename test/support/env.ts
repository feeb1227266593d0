import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the tests read from the environment. */
export function testEnv() {
  return {
    /** A real Postgres 17 with pgvector whose user may create databases. */
    databaseUrl: process.env.DATABASE_URL,
    /** Outside the clone, so that a fresh one starts with what an older one has fetched. */
    cacheDir: join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'planyard'),
  };
}

/** The environment of this process with additions, for a child. */
export function inheritedEnv(additions: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...additions };
}

/** For system programs that a plain user's PATH leaves out, such as chroot. */
export function systemEnv(): NodeJS.ProcessEnv {
  return inheritedEnv({ PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` });
}
