import { type Client, createClient } from '@planyard/sdk';
import { CliError } from './cli-error.ts';
import { readSettings } from './config-env.ts';
import type { Io } from './io.ts';

export type OutputFormat = 'text' | 'json';

/** What a command works with. */
export interface Session {
  client: Client;
  io: Io;
  format: OutputFormat;
}

/** Throws CliError where no key is to be found, or the address is none. */
export function openSession(io: Io, format: OutputFormat): Session {
  const { url, urlSource, key, keySource } = readSettings(io.env, io.cwd);
  if (!/^https?:\/\//.test(url))
    throw new CliError(`${urlSource} is "${url}": an address begins with http:// or https://.`);
  if (key === null)
    throw new CliError(
      `There is no API key: set PLANYARD_API_KEY, or start Planyard here with \`npm start\`, which writes one to ${keySource}.`,
    );
  return { client: createClient({ baseUrl: url, apiKey: key }), io, format };
}
