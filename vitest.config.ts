import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Only there to end what hangs: a busy machine is no reason to fail.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // No module keeps what a test could leave in it: a process of its own for each file would only load everything again.
    isolate: false,
    // Vitest leaves one core for itself, and on two cores no two files would run at once.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
