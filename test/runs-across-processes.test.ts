import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ModelServer, startModelServer, textReply } from '@planyard/llm/testing';
import type { Client } from '@planyard/sdk';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openProcesses, type Processes } from './support/processes.ts';

/* What people and programs do with runs, over each service as a process of its own. */

const POLICIES = `
name: policies
description: Steps that fail, each in its way.
steps:
  - { id: first, tool: ci.get, args: { id: MRI-1 } }
  - { id: skipped, tool: ci.get, on_error: skip, args: { id: no-such-item } }
  - id: replaced
    tool: ci.get
    on_error: fallback
    args: { id: no-such-item }
    fallback: { tool: ci.get, args: { id: '\${first.item.code}' } }
  - { id: fatal, tool: ci.get, args: { id: no-such-item } }
  - { id: last, tool: ci.get, args: { id: MRI-1 } }
`;

const postgresUrl = inject('postgresUrl');

// Processes share no PGlite.
describe.skipIf(!postgresUrl)('runs, in processes', () => {
  let dir: string;
  let server: ModelServer;
  let processes: Processes;
  let client: Client;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'planyard-runs-'));
    const compositions = join(dir, 'compositions');
    await mkdir(compositions);
    await writeFile(join(compositions, 'policies.yaml'), POLICIES);
    // The tools that are shipped, and those of the stories: one of them asks a person.
    const tools = join(dir, 'tools');
    for (const root of ['../services/tool-worker/src/tools', './support/tools']) {
      const from = resolve(import.meta.dirname, root);
      for (const file of await readdir(from, { recursive: true })) {
        if (!/^\w+\/[^/]+$/.test(file)) continue;
        await mkdir(join(tools, file, '..'), { recursive: true });
        await symlink(join(from, file), join(tools, file));
      }
    }
    server = await startModelServer();
    processes = await openProcesses({
      redisUrl: inject('redisUrl'),
      postgresUrl: postgresUrl as string,
      server,
      env: {
        PLANYARD_NAMESPACE: 'runs',
        PLANYARD_COMPOSITIONS: compositions,
        PLANYARD_SCHEDULE_MIN_SECONDS: '1',
      },
      toolWorker: [resolve(import.meta.dirname, 'chaos/tool-worker.ts'), pathToFileURL(`${tools}/`).href],
    });
    client = processes.client;
  });
  afterAll(async () => {
    await processes?.close();
    await server?.close();
    await rm(dir, { recursive: true, force: true });
  });

  /** What the model plans, and answers. */
  function script(steps: object[]) {
    server.script([
      { when: 'You answer a question', replies: [textReply('Done.')] },
      { when: /./, replies: [textReply(JSON.stringify({ intent: 'test', steps }))] },
    ]);
  }

  test('a person approves a step with other arguments: it does that', async () => {
    script([{ id: 'order', tool: 'yard.order', args: { planks: 3 } }]);
    const { id } = await client.runs.create({ question: 'order planks', agent: 'general' });
    let step = '';
    for await (const event of client.runs.events(id))
      if (event.type === 'step.awaiting_approval') {
        expect(event.data).toMatchObject({ args: { planks: 3 }, effects: 'write' });
        // Of a later attempt where a planner was held up for so long that another took its place.
        step = event.data.step;
        await client.runs.decide(id, step, 'approve', { args: { planks: 2, wood: 'pine' } });
      }
    expect(step).toMatch(/^\d\.order$/);
    expect(await client.runs.get(id)).toMatchObject({ status: 'completed', answer: 'Done.' });
    expect(await client.runs.step(id, step)).toMatchObject({
      result: { ordered: '2 of pine' },
      approval: { decision: 'approved', by: 'story', edited: true },
    });
  });

  test('rerun from a step, with other arguments: what lies before is copied', async () => {
    const note = (id: string, args: object) => ({ id, tool: 'yard.note', args: { text: id, ...args } });
    script([
      note('before', {}),
      note('chosen', { about: { $from: 'before', path: 'stamp' } }),
      note('after', { about: { $from: 'chosen', path: 'text' } }),
    ]);
    const { id } = await client.runs.create({ question: 'note three', agent: 'general' });
    await client.runs.wait(id);
    const again = await client.runs.rerun(id, { from: '1.chosen', args: { text: 'edited' } });
    expect(await client.runs.wait(again.id)).toMatchObject({
      status: 'completed',
      parent_run_id: id,
      plan_source: 'rerun',
    });
    const before = await client.runs.step(id, '1.before');
    expect(await client.runs.step(again.id, '1.before')).toMatchObject({
      copied_from: id,
      result: before.result,
    });
    expect(await client.runs.step(again.id, '1.after')).toMatchObject({
      copied_from: null,
      result: { text: 'after', about: 'edited' },
    });
  });

  test('a schedule asks when its time has come', async () => {
    const question = 'how is the yard at this time?';
    const asked = new Promise<void>((tell) => {
      server.script([
        {
          when: question,
          replies: () => {
            tell();
            return textReply('{"intent":"x","steps":[],"answer":"It is fine."}');
          },
        },
      ]);
    });
    const { id } = await client.schedules.create({ cron: '* * * * * *', question, agent: 'general' });
    await asked;
    await client.schedules.delete(id);
    const run = (await client.runs.list({ limit: 200 })).data.find((each) => each.question === question);
    expect(await client.runs.wait(run?.id ?? '')).toMatchObject({
      status: 'completed',
      answer: 'It is fine.',
      schedule_id: id,
    });
  });

  test('of a composition’s failed steps one is skipped, one replaced, and one ends the rest', async () => {
    const { id } = await client.compositions.run('policies', {});
    expect(await client.runs.wait(id)).toMatchObject({ status: 'partial' });
    const result = await client.compositions.result(id);
    expect(result.execution_trace.map(({ step, status, reason }) => [step, status, reason])).toEqual([
      ['1.first', 'completed', null],
      ['1.skipped', 'failed', null],
      ['1.replaced', 'completed', null],
      ['1.fatal', 'failed', null],
      ['1.last', 'aborted', 'fail_fast'],
    ]);
    expect(result.enriched).toMatchObject({ skipped: null, replaced: { item: { code: 'MRI-1' } } });
  });
});
