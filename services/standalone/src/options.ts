import { resolve } from 'node:path';
import { StartupError } from '@planyard/runtime';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

export interface StandaloneOptions {
  /** Undefined where the command line names none. */
  port: number | undefined;
  /** Absolute. */
  dataDir: string;
  sample: boolean;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('a port is a number from 1 to 65535.');
  return value;
}

/** An empty one is a variable that is not set: it would be the working directory. */
function directory(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is the name of a directory.');
  return text;
}

/** Reads the command line; undefined when the help was asked for. Throws StartupError. */
export function parseOptions(args: string[]): StandaloneOptions | undefined {
  const command = new Command('npm start --')
    .description(
      'Starts Planyard in one process, with an embedded Redis and Postgres where no URL names others.',
    )
    .option('--port <number>', 'port of the API and console; else PORT, else 7420', port)
    .option('--data <directory>', 'where embedded data, logs and the API key live', directory, '.planyard')
    .option('--no-sample', 'leave an empty database empty')
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new StartupError(`${explain(error)}\n\n${command.helpInformation()}`);
  }
  const options = command.opts<{ port?: number; data: string; sample: boolean }>();
  return { port: options.port, dataDir: resolve(options.data), sample: options.sample };
}

/** `npm start --port 1` loses `--port` to npm: only the number comes through. */
function explain(error: CommanderError): string {
  if (error.code === 'commander.excessArguments')
    return 'npm keeps options for itself unless `--` comes first: npm start -- --port 7421';
  return error.message.replace(/^error: /, '');
}
