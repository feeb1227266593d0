import { StartupError } from '../startup-error.ts';

/** Where a redis-server comes from on this machine. */
export type RedisServerSource =
  | {
      kind: 'binary';
      command: string;
      /** Directories of the shared libraries it was unpacked with; absent for an installed one. */
      libraryPath?: string;
      origin: 'PATH' | 'unpacked packages';
      version: string;
    }
  | { kind: 'docker'; image: string };

/** No redis-server can be had here; the message says what to install. */
export class RedisServerMissing extends StartupError {
  override readonly name = 'RedisServerMissing';
}
