import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Order, OrderReport, ProcessSetUp } from './models-process.ts';

const PROCESS = fileURLToPath(new URL('./models-process.ts', import.meta.url));

export interface ModelsProcess {
  ask(order: Order): Promise<OrderReport>;
  kill(): Promise<void>;
}

/** So many processes with models of the same settings on the same Redis; they end with the test. */
export async function startProcesses(count: number, setUp: ProcessSetUp): Promise<ModelsProcess[]> {
  const children = Array.from({ length: count }, () =>
    fork(PROCESS, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  return await Promise.all(children.map((child) => start(child, setUp)));
}

async function start(child: ChildProcess, setUp: ProcessSetUp): Promise<ModelsProcess> {
  child.send(setUp);
  await once(child, 'message');
  let orders = 0;
  return {
    async ask(order) {
      orders += 1;
      const id = orders;
      child.send({ id, order });
      for await (const [reply] of on(child, 'message') as AsyncIterable<
        [{ id: number; report: OrderReport }]
      >)
        if (reply.id === id) return reply.report;
      throw new Error('the process gave no report');
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
