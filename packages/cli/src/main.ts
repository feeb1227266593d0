#!/usr/bin/env node
import { processEnv } from './config-env.ts';
import { processIo } from './io.ts';
import { runCli } from './run-cli.ts';

// A reader that has seen enough (`planyard runs list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.exitCode = await runCli(process.argv.slice(2), processIo(processEnv()));
