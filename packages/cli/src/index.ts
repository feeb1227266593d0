// The door of the CLI, for whoever runs commands without a process of their own.
export type { Io } from './io.ts';
export { runCli } from './run-cli.ts';
