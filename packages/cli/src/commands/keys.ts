import { type Command, Option } from 'commander';
import { count, positive } from '../option-values.ts';
import { nextPageText } from '../output/next-page.ts';
import { table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

const SCOPES = ['runs:write', 'runs:read', 'runs:approve', 'models:call', 'admin'] as const;

interface CreateKeyOptions {
  name: string;
  user: string;
  tenant: string;
  scopes: (typeof SCOPES)[number][];
  /** Days until it expires. */
  days?: number;
}

/** `planyard keys …`. */
export function addKeys(program: Command, { add, session }: Shell): void {
  const keys = program.command('keys').description('API keys; needs an admin key');
  add(keys, 'create', 'make a key and print it, this once')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--user <user>', 'who it acts as; limits are counted by user')
    .option('--tenant <tenant>', 'whose data it sees', 'default')
    .addOption(
      new Option('--scopes <scopes...>', 'what it may do')
        .choices(SCOPES)
        .default(['runs:write', 'runs:read']),
    )
    .option('--days <number>', 'days until it expires', positive)
    .action(({ output, ...request }: Output & CreateKeyOptions) => createKey(session({ output }), request));
  add(keys, 'list', 'keys, without their secrets')
    .option('--tenant <tenant>', 'of another tenant')
    .option('--limit <number>', 'how many', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(({ output, ...query }: Output & { tenant?: string; limit: number; cursor?: string }) =>
      listKeys(session({ output }), query),
    );
  add(keys, 'revoke', 'revoke a key; it stops working within seconds')
    .argument('<key>', 'its id, as `planyard keys list` shows it')
    .option('--tenant <tenant>', 'of another tenant')
    .action((id: string, { output, ...query }: Output & { tenant?: string }) =>
      revokeKey(session({ output }), id, query),
    );
}

async function createKey({ client, io, format }: Session, options: CreateKeyOptions): Promise<void> {
  const { days, ...request } = options;
  const created = await client.keys.create({
    ...request,
    ...(days === undefined ? {} : { expires_at: new Date(io.now() + days * 86_400_000).toISOString() }),
  });
  if (format === 'json') io.out(`${JSON.stringify(created, null, 2)}\n`);
  else {
    io.out(`${created.key}\n`);
    io.err(`Key ${created.id} for ${created.user} in ${created.tenant}. It is shown this once.\n`);
  }
}

async function listKeys(
  { client, io, format }: Session,
  query: { tenant?: string; limit: number; cursor?: string },
): Promise<void> {
  const page = await client.keys.list(query);
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map((key) => [
    key.id,
    key.prefix,
    key.user,
    key.revoked_at !== null ? 'revoked' : (key.expires_at?.slice(0, 10) ?? 'never expires'),
    key.scopes.join(','),
    key.name,
  ]);
  io.out(table(['KEY', 'PREFIX', 'USER', 'EXPIRES', 'SCOPES', 'NAME'], rows, io.outColumns));
  io.err(nextPageText(['keys', 'list'], query, page.next_cursor));
}

async function revokeKey(
  { client, io, format }: Session,
  id: string,
  query: { tenant?: string },
): Promise<void> {
  const revoked = await client.keys.revoke(id, query);
  io.out(format === 'json' ? `${JSON.stringify(revoked, null, 2)}\n` : `Revoked ${revoked.id}\n`);
}
