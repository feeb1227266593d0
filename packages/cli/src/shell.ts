import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { OutputFormat, Session } from './session.ts';

/** What every command is asked with. */
export interface Output {
  output: OutputFormat;
}

/** What commands are made of. */
export interface Shell {
  io: Io;
  /** A command that knows `-o json`. */
  add(parent: Command, name: string, about: string): Command;
  /** What a command that calls the gateway works with. */
  session(options: Output): Session;
}
