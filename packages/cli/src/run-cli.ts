import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { explainError } from './explain-error.ts';
import type { Io } from './io.ts';
import { createProgram } from './program.ts';

const USAGE = 2;

/** Runs one command; returns the exit code: 0, 1 (it failed), 2 (wrong usage), 130 (Ctrl-C). */
export async function runCli(args: string[], io: Io): Promise<number> {
  try {
    await createProgram(io).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    const message = explainError(error, io);
    if (message !== '') io.err(`${message}\n`);
    return error instanceof CliError ? error.exitCode : 1;
  }
}
