import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openTestWorker } from '../testing/open-test-worker.ts';

const WORKER = fileURLToPath(new URL('../testing/worker-process.ts', import.meta.url));

let t: Awaited<ReturnType<typeof openTestWorker>>;
let worker: ChildProcess;
let deaths = 0;
let over = false;

/** Starts a worker, and another when it dies, as a supervisor does. */
function supervise(env: Record<string, string>): void {
  worker = fork(WORKER, [], { stdio: 'ignore' });
  worker.send(env);
  worker.once('exit', () => {
    if (over) return;
    deaths += 1;
    supervise(env);
  });
}

beforeAll(async () => {
  t = await openTestWorker(inject('redisUrl'), {}, { worker: false });
});
afterAll(async () => {
  over = true;
  worker.kill('SIGKILL');
  await t.close();
});

it('condemns a step that kills its worker after two crashes and one alone, and nothing beside it', async () => {
  supervise(t.env);
  await expect.poll(() => t.engine.listTools()).not.toEqual([]);
  const run = await t.submit([
    [
      { id: 'poison', tool: 'test.crash' },
      { id: 'beside', tool: 'test.slow', args: { file: '/dev/null', ms: 1_000 } },
      { id: 'after', tool: 'test.echo', after: ['beside'] },
    ],
  ]);
  const reconciler = setInterval(() => void t.engine.reconcile(), 500);
  const { steps } = await t.untilEnd(run).finally(() => clearInterval(reconciler));
  expect(steps['1.poison']).toMatchObject({ status: 'failed', error: { code: 'step_poisoned' } });
  expect(steps['1.beside']?.status).toBe('completed');
  expect(steps['1.after']?.status).toBe('completed');
  expect(deaths).toBe(2);
});
