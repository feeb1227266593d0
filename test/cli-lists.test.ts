import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ToolManifest } from '@planyard/contracts';
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

/** The way to the gateway with room for one on each page; to set in the environment. */
async function pagesOfOne() {
  const door = createServer(async (req, res) => {
    const url = new URL(req.url ?? '/', gateway.url);
    if (url.searchParams.has('limit')) url.searchParams.set('limit', '1');
    const reply = await fetch(url, { headers: { authorization: req.headers.authorization ?? '' } });
    res.writeHead(reply.status, { 'content-type': 'application/json' }).end(await reply.text());
  });
  onTestFinished(() => void door.close());
  await once(door.listen(0, '127.0.0.1'), 'listening');
  return { PLANYARD_URL: `http://127.0.0.1:${(door.address() as AddressInfo).port}` };
}

async function offerThreeTools() {
  const tools = ['hr.leave', 'hr.pay', 'hr.vacancy'].map((name) =>
    ToolManifest.parse({
      name,
      description: '',
      input_schema: {},
      output_schema: {},
      effects: 'read',
      idempotent: true,
      timeout_ms: 1_000,
      profile: { accuracy: 0.9, complexity: 'low' },
    }),
  );
  await gateway.engine.publishTools('w1', tools, 600_000);
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

  it.each([[['tools', 'list']], [['agents', 'list']], [['prompts', 'list']], [['compositions', 'list']]])(
    'are whole where they are short, however many pages they take: %j',
    async (command) => {
      await offerThreeTools();
      const whole = await planyard([...command, '-o', 'json']);
      const paged = await planyard([...command, '-o', 'json'], { env: await pagesOfOne() });
      expect(JSON.parse(paged.out)).toEqual(JSON.parse(whole.out));
      expect(JSON.parse(paged.out).next_cursor).toBeNull();
    },
  );

  it('count all tools on offer for the doctor', async () => {
    await offerThreeTools();
    expect((await planyard(['doctor'], { env: await pagesOfOne() })).out).toContain('3 tools on offer');
  });

  it('go on where tools are ranked', async () => {
    await offerThreeTools();
    const asked = ['tools', 'rank', "it's hr.pay", '--limit', '2'];
    const first = await planyard(asked);
    expect(first.out).toContain('hr.pay');
    const second = nextCommand(first.err);
    expect(second.slice(0, -1)).toEqual([...asked, '--cursor']);
    const { out, err } = await planyard(second);
    expect({ lines: out.trim().split('\n').length, err }).toEqual({ lines: 2, err: '' });
  });

  it('go on where plans are told of', async () => {
    const services = playServices(gateway, {});
    onTestFinished(() => services.close(0));
    for (const intent of ['stock', 'weather']) {
      const asked = await planyard(['ask', intent, '-o', 'json']);
      await gateway.db
        .insertInto('plans')
        .values({
          ...{
            run_id: JSON.parse(asked.out).id,
            tenant: 'default',
            intent,
            source: 'model',
            status: 'completed',
          },
          ...{ agent: null, prompt: null, key: null, scope: null, question: null, vector: null, steps: null },
          ...{
            repairs: 0,
            steps_planned: 1,
            steps_useful: 1,
            cost_usd: null,
            latency_ms: 1,
            reusable: false,
          },
          created_at: new Date(),
        })
        .execute();
    }
    const first = await planyard(['plans', '--limit', '1']);
    const second = await planyard(nextCommand(first.err));
    expect(second.err).toBe('');
    const intents = [first, second].map(({ out }) => /stock|weather/.exec(out)?.[0]);
    expect(intents.sort()).toEqual(['stock', 'weather']);
  });
});
