import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startProcess } from '../support/started-process.ts';

/** The process and all below it, those aside that have ended and wait to be reaped (proc(5)). */
async function family(ancestor: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  const all = stats.flatMap((stat) => {
    const [, pid, state, parent] = /^(\d+) \(.*\) (\w) (\d+)/s.exec(stat) ?? [];
    // One may end while it is read.
    return state === undefined || state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent) }];
  });
  const below = (pid: number): number[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...below(child.pid)]);
  return [...all.filter(({ pid }) => pid === ancestor).map(({ pid }) => pid), ...below(ancestor)];
}

// What is left is looked for in /proc.
test.skipIf(!inject('postgresUrl') || process.platform !== 'linux')(
  'an interrupted chaos run leaves no service, server or file behind',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'planyard-interrupted-'));
    const chaos = startProcess(['test/chaos/main.ts', '--runs', '1000', '--kills', '50'], { TMPDIR: dir });
    onTestFinished(async () => {
      chaos.signal('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    });
    await chaos.printed(/the kills begin/);
    const members = await family(chaos.pid);
    // Two of each of four services, Redis and Postgres.
    expect(members.length).toBeGreaterThan(10);
    chaos.signal('SIGINT');
    expect(await chaos.ended).toBe(130);
    const left = async () => (await Promise.all(members.map(family))).flat();
    await expect.poll(left).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
    expect(chaos.output()).not.toContain('VIOLATION');
  },
);
