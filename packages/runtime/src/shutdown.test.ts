import { EventEmitter, once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { createLogger } from './logger.ts';
import { onShutdown, type ShutdownStep } from './shutdown.ts';

const log = createLogger({ service: 'test', level: 'silent' });

function processWith(steps: ShutdownStep[], graceMs = 5_000) {
  const host = new EventEmitter();
  const exit = (code?: number) => host.emit('exited', code);
  onShutdown({ steps, graceMs, log, host: Object.assign(host, { exit, channel: undefined }) as never });
  return { host, exited: once(host, 'exited').then(([code]) => code as number) };
}

test('the steps run in order, a failed one does not keep the next from running', async () => {
  const ran: string[] = [];
  const { host, exited } = processWith([
    { name: 'http', run: async () => ran.push('http') },
    { name: 'workers', run: () => Promise.reject(new Error('no')) },
    { name: 'redis', run: async () => ran.push('redis') },
  ]);
  host.emit('SIGTERM');
  expect(await exited).toBe(0);
  expect(ran).toEqual(['http', 'redis']);
});

test('a step that hangs past the grace time ends the process with 1', async () => {
  const { host, exited } = processWith([{ name: 'hangs', run: () => new Promise(() => {}) }], 20);
  host.emit('SIGTERM');
  expect(await exited).toBe(1);
});

test('a second signal exits at once, an echo of the first does not', async () => {
  vi.useFakeTimers();
  try {
    const { host, exited } = processWith([{ name: 'hangs', run: () => new Promise(() => {}) }]);
    host.emit('SIGINT');
    host.emit('SIGINT');
    vi.advanceTimersByTime(400);
    host.emit('SIGINT');
    expect(await exited).toBe(130);
  } finally {
    vi.useRealTimers();
  }
});
