import { execFileSync } from 'node:child_process';
import { playServices } from '@planyard/gateway/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { planyardAtGateway } from './support/run-planyard.ts';

const { gateway, planyard } = await planyardAtGateway();

/** The words of the command that a reader is told to go on with, as a shell splits them. */
function nextCommand(err: string): string[] {
  const command = /^planyard (.*)$/m.exec(err)?.[1];
  if (command === undefined) throw new Error(`No command in: ${err}`);
  return execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

describe('lists of the planyard command', () => {
  it('go on with the options that they were asked with', async () => {
    const services = playServices(gateway, {});
    onTestFinished(() => services.close(0));
    const questions = ["it's $HOME, first", "it's $HOME, second", 'something else'];
    for (const question of questions) await planyard(['ask', question]);
    const asked = ['--limit', '1', '--status', 'completed', '--text', "it's $HOME"];
    const first = await planyard(['runs', 'list', ...asked]);
    expect(first.out).toContain('second');
    const second = nextCommand(first.err);
    expect(second.slice(0, -1)).toEqual(['runs', 'list', ...asked, '--cursor']);
    expect(await planyard(second)).toMatchObject({ out: expect.stringContaining('first'), err: '' });

    const acme = ['--tenant', 'acme'];
    for (const name of ['one', 'two'])
      await planyard(['keys', 'create', '--name', name, '--user', 'robot', ...acme]);
    const newest = await planyard(['keys', 'list', ...acme, '--limit', '1']);
    expect(newest.out).toContain('two');
    expect((await planyard(nextCommand(newest.err))).out).toContain('one');

    for (const question of questions)
      await planyard(['schedules', 'create', question, '--cron', '0 8 * * *']);
    const schedules = nextCommand((await planyard(['schedules', 'list', '--limit', '1'])).err);
    expect(schedules.slice(0, -1)).toEqual(['schedules', 'list', '--limit', '1', '--cursor']);
  });
});
