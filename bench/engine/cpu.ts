import type { ChildProcess } from 'node:child_process';

/*
 * Where the CPU goes, in microseconds: unlike rates it hardly depends on what else the machine does.
 */

/** Of a process of ours; `answerCpu` is the other end. */
export function cpuOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    const onMessage = (message: { cpu_us?: number }) => {
      if (message.cpu_us === undefined) return;
      child.off('message', onMessage);
      resolve(message.cpu_us);
    };
    child.on('message', onMessage);
    child.send('cpu');
  });
}

export function answerCpu(): void {
  process.on('message', (message) => {
    if (message === 'cpu') process.send?.({ cpu_us: ownCpu() });
  });
}

export function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export async function redisCpu(redis: { info(section: string): Promise<string> }): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (name: string) => Number(info.match(new RegExp(`^${name}:([\\d.]+)`, 'm'))?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
}
