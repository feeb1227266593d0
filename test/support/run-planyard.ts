import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Io, runCli } from '@planyard/cli';
import { openGateway } from '@planyard/gateway/testing';
import { afterAll, inject } from 'vitest';

interface Shell {
  env: Record<string, string>;
  cwd: string;
  /** Of both streams. */
  columns?: number;
  tty?: boolean;
  /** Is told how to press Ctrl-C. */
  interrupt?: (press: () => void) => void;
  now?: () => number;
}

/** Runs a command as a shell would. */
export async function runPlanyard(
  args: string[],
  { env, cwd, columns = 120, tty = false, interrupt, now = Date.now }: Shell,
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outIsTty: tty,
    errIsTty: tty,
    outColumns: columns,
    errColumns: columns,
    color: false,
    env,
    cwd,
    now,
    onInterrupt(handle) {
      interrupt?.(handle);
      return () => {};
    },
  };
  return { code: await runCli(args, io), out, err };
}

/** A gateway of this test file, and `planyard` with an admin's key to it, in an empty directory. */
export async function planyardAtGateway() {
  const gateway = await openGateway(inject('redisUrl'));
  const key = await gateway.key(['admin'], { user: 'cli' });
  const dir = await mkdtemp(join(tmpdir(), 'planyard-cli-'));
  afterAll(async () => {
    await gateway.close();
    await rm(dir, { recursive: true, force: true });
  });
  const planyard = (args: string[], { env, ...shell }: Partial<Shell> = {}) =>
    runPlanyard(args, {
      cwd: dir,
      ...shell,
      env: { PLANYARD_URL: gateway.url, PLANYARD_API_KEY: key, ...env },
    });
  return { gateway, dir, planyard };
}
