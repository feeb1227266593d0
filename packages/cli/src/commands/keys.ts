import { table } from '../output/text.ts';
import type { Session } from '../session.ts';

export type Scope = 'runs:write' | 'runs:read' | 'runs:approve' | 'models:call' | 'admin';

export interface CreateKeyOptions {
  name: string;
  user: string;
  tenant: string;
  scopes: Scope[];
  /** Days until it expires. */
  days?: number;
}

export async function createKey({ client, io, format }: Session, options: CreateKeyOptions): Promise<void> {
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

export async function listKeys(
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
  if (page.next_cursor !== null) io.err(`More: planyard keys list --cursor ${page.next_cursor}\n`);
}

export async function revokeKey(
  { client, io, format }: Session,
  id: string,
  query: { tenant?: string },
): Promise<void> {
  const revoked = await client.keys.revoke(id, query);
  io.out(format === 'json' ? `${JSON.stringify(revoked, null, 2)}\n` : `Revoked ${revoked.id}\n`);
}
