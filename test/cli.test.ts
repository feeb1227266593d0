import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ToolManifest, Usage } from '@planyard/contracts';
import type { Consumer, StepOutcome } from '@planyard/engine';
import { type Play, playServices } from '@planyard/gateway/testing';
import { findRun, insertModelCalls } from '@planyard/store';
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { planyardAtGateway } from './support/run-planyard.ts';

const { gateway, dir, planyard } = await planyardAtGateway();

describe('the planyard command', () => {
  let services: Consumer | undefined;
  afterEach(async () => {
    await services?.close(0);
    services = undefined;
  });

  const play = (what: Play) => {
    services = playServices(gateway, what);
  };

  it('says how to approve a step that waits, and approves it with other arguments', async () => {
    const manifest = ToolManifest.parse({
      name: 'test.echo',
      description: '',
      input_schema: { type: 'object', properties: { x: { type: 'integer' } } },
      output_schema: {},
      effects: 'write',
      idempotent: true,
      timeout_ms: 1_000,
      profile: { accuracy: 1, complexity: 'low' },
    });
    await gateway.engine.publishTools('w1', [manifest], 60_000);
    const waiting = Promise.withResolvers<string>();
    play({
      steps: [{ id: 'yes', args: { x: 1 } }, { id: 'no' }],
      execute: async (step) => {
        if (step.step === '1.no') waiting.resolve(step.run_id);
        return step.frozen_args
          ? {
              kind: 'completed',
              result: { value: 'done', bytes: 6, count: null, records: [] },
              bound_args: step.frozen_args,
              cached: false,
            }
          : { kind: 'awaiting_approval', bound_args: step.args, effects: 'write', expires_in_ms: 60_000 };
      },
    });
    const asked = planyard(['ask', 'may I?'], { tty: true });
    const id = await waiting.promise;
    const at = (step: string) => gateway.engine.readStep(id, step).then((each) => each?.status);
    await expect.poll(() => at('1.yes')).toBe('awaiting_approval');
    await expect.poll(() => at('1.no')).toBe('awaiting_approval');
    expect(await planyard(['runs', 'approve', id, '1.yes', '--args', 'x']).then(({ err }) => err)).toContain(
      'It is a JSON object',
    );
    const wrong = await planyard(['runs', 'approve', id, '1.yes', '--args', '{"x":"y"}']);
    expect(wrong.err).toContain('args.x');
    expect((await planyard(['runs', 'approve', id, '1.yes', '--args', '{"x":2}'])).out).toBe(
      'Approved 1.yes (test.echo) with other arguments\n',
    );
    expect((await planyard(['runs', 'reject', id, '1.no', '--comment', 'no'])).out).toContain(
      'Rejected 1.no',
    );
    const { err } = await asked;
    expect(err).toContain('changes things, with {"x":1}');
    expect(err).toContain(`planyard runs approve ${id} 1.yes`);
  });

  it('runs a run again and watches it', async () => {
    play({ steps: [{ id: 'a' }], answer: ['again'] });
    const asked = await planyard(['ask', 'once', '-o', 'json']);
    const { id } = JSON.parse(asked.out);
    const { code, out, err } = await planyard(['runs', 'rerun', id, '--from', 'a', '--args', '{"x":1}']);
    expect({ code, out }).toEqual({ code: 0, out: 'again\n' });
    expect(err).toMatch(/^Run run_/);
    const none = await planyard(['runs', 'rerun', id, '--from', '1.none']);
    expect(none.code).not.toBe(0);
    expect(none.err).toContain('has no step 1.none');
  });

  it('makes, shows, pauses and deletes schedules', async () => {
    const made = await planyard([
      'schedules',
      'create',
      'how',
      'is',
      'it?',
      '--cron',
      '0 8 * * 1-5',
      '--timezone',
      'Europe/Berlin',
    ]);
    expect(made.out).toMatch(
      /asks +how is it\?\nstatus +active\ntimes +0 8 \* \* 1-5 \(Europe\/Berlin\)\nnext +\d{4}-/,
    );
    const id = /sched_[0-9a-f-]+/.exec(made.out)?.[0] as string;
    expect((await planyard(['schedules', 'list'])).out).toContain(`${id}  active`);
    expect((await planyard(['schedules', 'pause', id])).out).toMatch(/status +paused/);
    expect((await planyard(['schedules', 'resume', id])).out).toMatch(/status +active/);
    expect(JSON.parse((await planyard(['schedules', 'get', id, '-o', 'json'])).out)).toMatchObject({ id });
    const wrong = await planyard(['schedules', 'create', 'x', '--cron', '99 * * * *']);
    expect(wrong.code).not.toBe(0);
    expect(wrong.err).toContain('cron');
    expect((await planyard(['schedules', 'delete', id])).out).toBe(`Deleted ${id}\n`);
    expect((await planyard(['schedules', 'get', id])).code).not.toBe(0);
  });

  it('asks, and prints the answer on stdout and the steps on stderr', async () => {
    play({ steps: [{ id: 'a' }, { id: 'b', after: ['a'] }], answer: ['42 \u001b[31mred'] });
    const { code, out, err } = await planyard(['ask', 'what', 'is', 'it?']);
    expect({ code, out }).toEqual({ code: 0, out: '42 [31mred\n' });
    expect(err).toMatch(/✓ 1\.a test\.echo/);
    expect(err).toContain('completed in');
    const json = await planyard(['ask', 'again', '-o', 'json']);
    expect(JSON.parse(json.out)).toMatchObject({ status: 'completed', question: 'again' });
    const live = await planyard(['ask', 'live'], { tty: true });
    expect(live.err).toContain('1.b');
  });

  it('says once that a question is empty', async () => {
    const { code, err } = await planyard(['ask', ' ']);
    expect(code).not.toBe(0);
    expect(err.split('\n').slice(0, 2)).toEqual([
      'question: is empty [invalid_request]',
      'Correct the fields named in `errors`.',
    ]);
  });

  it('ranks tools for a question and says why', async () => {
    const tool = ToolManifest.parse({
      name: 'hr.leave',
      description: 'Days off',
      input_schema: {},
      output_schema: {},
      effects: 'read',
      idempotent: true,
      timeout_ms: 1_000,
      profile: { accuracy: 0.9, complexity: 'low' },
    });
    await gateway.engine.publishTools('w1', [tool], 60_000);
    const { out } = await planyard(['tools', 'rank', 'my', 'vacation', '--strategy', 'fastest']);
    expect(out).toMatch(/^TOOL +FIT +SCORE .* BREAKER\nhr\.leave +0\.97 .* 60 ms +no +0% +no +closed$/m);
    await gateway.engine.withdrawTools('w1');
    expect((await planyard(['tools', 'rank', 'x'])).err).toBe('No live worker offers a tool.\n');
    expect((await planyard(['tools', 'list', '--type', 'x'])).err).toContain('of type x; see all');
  });

  it('lists, shows and renders prompts, and pins one for a run', async () => {
    expect((await planyard(['prompts', 'list'])).out).toMatch(/^repair +1 +1 +Sends the faults/m);
    expect((await planyard(['prompts', 'get', 'repair', '--version', '1'])).out).toContain('{{faults}}');
    const given = ['--set', 'admitted=mri', '--set', 'faults=["too late"]'];
    expect((await planyard(['prompts', 'render', 'repair', ...given])).out).toContain('- too late');
    const missing = await planyard(['prompts', 'render', 'repair', ...given.slice(2)]);
    expect(missing.code).toBe(1);
    expect(missing.err).toContain('prompt repair, version 1: variable admitted is missing');
    play({});
    const pinned = await planyard(['ask', 'x', '--prompt', 'plan=1', '--prompt', 'join=1', '-o', 'json']);
    const { options } =
      (await findRun(gateway.db, 'default', JSON.parse(pinned.out).id))?.record.request ?? {};
    expect(options?.prompts).toEqual({ plan: '1', join: '1' });
    const refused = await planyard(['ask', 'x', '--prompt', 'plan=9']);
    expect(refused.err).toContain('prompt plan has no version 9; there are: 1');
  });

  it('lists, shows and follows runs', async () => {
    play({ steps: [{ id: 'a' }] });
    const asked = await planyard(['ask', 'which one?', '-o', 'json']);
    const { id } = JSON.parse(asked.out);
    expect((await planyard(['runs', 'list', '--text', 'which'])).out).toContain(id);
    expect((await planyard(['runs', 'get', id])).out).toContain('which one?');
    const events = await planyard(['runs', 'events', id, '-o', 'json']);
    const types = events.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types[0]).toBe('run.accepted');
    expect(types.at(-1)).toBe('run.completed');
    const later = await planyard(['runs', 'events', id, '--after', String(types.length - 1)]);
    expect(later.out.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    [['ask', 'for ever?']],
    [['compositions', 'run', 'search_with_context', '--set', 'query=for ever']],
  ])('cancels the run of %j on Ctrl-C and exits with 130', async (args) => {
    // The step may run before the command listens.
    const listening = Promise.withResolvers<() => void>();
    play({
      steps: [{ id: 'slow' }],
      execute: (_step, signal) => {
        void listening.promise.then((press) => press());
        return new Promise<StepOutcome>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    });
    const { code, err } = await planyard(args, { interrupt: listening.resolve });
    expect(code).toBe(130);
    expect(err).toContain('Cancelled run');
    const cancelled = await planyard(['runs', 'list', '--status', 'cancelled', '--limit', '1']);
    expect(cancelled.out).toContain(`for ever${args[0] === 'ask' ? '?' : '"'}`);
  });

  it('cancels a run whose acceptance is still on its way at Ctrl-C; a second one leaves, and tells what may go on', async () => {
    play({ steps: [{ id: 'slow' }], execute: () => new Promise(() => {}) });
    const listening = Promise.withResolvers<() => void>();
    const door = createServer(async (req, res) => {
      if (req.url === '/v1/runs') await listening.promise.then((press) => press());
      const headers = { authorization: req.headers.authorization, 'content-type': 'application/json' };
      const reply = await request(`${gateway.url}${req.url}`, { method: req.method, headers, body: req });
      res.writeHead(reply.statusCode, reply.headers);
      reply.body.pipe(res);
    });
    await once(door.listen(0, '127.0.0.1'), 'listening');
    const env = { PLANYARD_URL: `http://127.0.0.1:${(door.address() as AddressInfo).port}` };
    // One keystroke comes twice where the launcher forwards what the terminal has sent to the whole process group.
    const echoed = (press: () => void) =>
      listening.resolve(() => {
        press();
        press();
      });
    const cancelled = await planyard(['ask', 'too early?'], { env, interrupt: echoed });
    door.close();
    expect(cancelled).toMatchObject({ code: 130, err: expect.stringContaining('Cancelled run') });
    const listed = await planyard(['runs', 'list', '--status', 'cancelled', '--text', 'too early']);
    expect(listed.out).toContain('too early?');
    let ahead = 0;
    const twice = (press: () => void) => {
      press();
      ahead = 1_000;
      press();
    };
    const now = () => Date.now() + ahead;
    const left = await planyard(['ask', 'anybody there?'], { interrupt: twice, now });
    expect(left).toMatchObject({ code: 130, err: expect.stringContaining('if the run was accepted') });
  });

  it('makes, lists and revokes keys', async () => {
    const made = await planyard(['keys', 'create', '--name', 'ci', '--user', 'robot', '-o', 'json']);
    const { id, key: secret } = JSON.parse(made.out);
    expect((await planyard(['runs', 'list'], { env: { PLANYARD_API_KEY: secret } })).code).toBe(0);
    expect((await planyard(['keys', 'list'])).out).toContain('robot');
    expect((await planyard(['keys', 'revoke', id])).out).toBe(`Revoked ${id}\n`);
    const refused = await planyard(['runs', 'list'], { env: { PLANYARD_API_KEY: secret } });
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('unknown, revoked or expired');
  });

  it('sums what models were used, and says how to go on', async () => {
    const used = (model: string, cost_usd: number) => ({
      run: null,
      caller: { tenant: 'default', user: 'cli', key_id: 'k1' },
      tags: [],
      call: {
        purpose: 'chat' as const,
        provider: 'openai',
        model,
        agent: null,
        status: 'ok' as const,
        usage: Usage.parse({ input_tokens: 10, output_tokens: 5 }),
        cost_usd,
        started_at: '2026-11-20T10:00:00.000Z',
        duration_ms: 1,
        first_token_ms: null,
        request_id: 'r',
        prompt: null,
        error: null,
      },
    });
    await insertModelCalls(gateway.db, [used('a', 0.25), used('b', 0.0000001)]);
    const time = ['--from', '2026-11-20T00:00:00Z', '--to', '2026-11-21T00:00:00Z'];
    const first = await planyard(['usage', ...time, '--limit', '1']);
    expect(first.out).toMatch(
      /^DAY +MODEL +TOOL +CALLS .*\n2026-11-20 +openai\/a +- +1 +0 +10 +5 +\$0\.250000 +0\n/,
    );
    expect(first.out).toMatch(/\ntotal +2 +0 +20 +10 +\$0\.250000 +0\n$/);
    const more = first.err.trim().split('\n').at(-1)?.split(' ').slice(1) ?? [];
    const next = await planyard(more);
    expect(next.out).toMatch(/\n2026-11-20 +openai\/b +- +1 .*\ntotal +2 /);
    expect(next.err).toBe('');
    const { out } = await planyard(['usage', '--by', 'agent', ...time, '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({ data: [{ agent: null, calls: 2 }], next_cursor: null });
  });

  it('imports directories, and names the rows it could not load', async () => {
    const tables = join(dir, 'tables');
    await mkdir(join(tables, 'node_modules'), { recursive: true });
    await writeFile(join(tables, 'items.csv'), 'code,type\nweb,service\n');
    await writeFile(join(tables, 'more.csv'), 'from,relation,to\nweb,uses,nothing\n');
    await writeFile(join(tables, 'node_modules', 'x.csv'), 'nonsense');
    const { code, out, err } = await planyard(['import', tables]);
    expect(code).toBe(1);
    expect(out).toBe('items.csv: 1 item\n');
    expect(err).toContain('more.csv:2: to: there is no item nothing');
    expect(err).toContain('1 of 2 files was not loaded');
    const one = await planyard(['import', join(tables, 'more.csv')]);
    expect(one.err).toContain('1 of 1 file was not loaded');
    expect((await planyard(['import', join(dir, 'nowhere')])).code).toBe(2);
    await writeFile(
      join(tables, 'catalog-info.yaml'),
      'apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: shop }\n',
    );
    const catalog = await planyard(['import', tables]);
    expect(catalog.out).toBe('catalog-info.yaml: 1 item\n');
    expect(catalog.err).toContain('its CSV and JSON files (2) are left out');
    await writeFile(
      join(tables, 'catalog-info.yaml'),
      'apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: store }\n',
    );
    const replaced = await planyard(['import', join(tables, 'catalog-info.yaml'), '--replace']);
    expect(replaced.err).toContain('1 item that these catalogs do not hold any more was removed.');
    const without = await planyard(['import', join(tables, 'items.csv'), '--replace']);
    expect(without.err).toContain('Nothing was removed: --replace is for catalog-info.yaml files');
  });

  it('says what is wrong and what to do', async () => {
    const cases: [string[], Record<string, string>, number, RegExp][] = [
      [['bogus'], {}, 2, /unknown command/],
      [['ask'], {}, 2, /missing required argument/],
      [['ask', 'what?', '--agent', 'poet'], {}, 1, /There is no agent named poet/],
      [['runs', 'list', '--limit', 'x'], {}, 2, /whole number/],
      [['runs', 'list', '-o', 'xml'], {}, 2, /Allowed choices are text, json/],
      [['runs', 'get', 'run_x'], {}, 1, /not_found/],
      [['runs', 'list'], { PLANYARD_URL: 'http://127.0.0.1:9' }, 1, /npm start/],
      [['runs', 'list'], { PLANYARD_URL: 'localhost:7420' }, 1, /begins with http/],
      [['runs', 'list'], { PLANYARD_API_KEY: '' }, 1, /There is no API key/],
    ];
    for (const [args, env, code, text] of cases) {
      const result = await planyard(args, { env });
      expect({ args, code: result.code }).toEqual({ args, code });
      expect(result.err).toMatch(text);
      expect(result.out).toBe('');
    }
    expect((await planyard(['--help'])).code).toBe(0);
  });
});
