import { table } from '../output/text.ts';
import type { Session } from '../session.ts';

export async function listTools({ client, io, format }: Session, type: string | undefined): Promise<void> {
  const page = await client.tools.list({ limit: 200, ...(type === undefined ? {} : { type }) });
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map((tool) => [
    tool.name,
    tool.needs_approval ? `${tool.effects}, asks` : tool.effects,
    tool.description,
  ]);
  io.out(table(['TOOL', 'EFFECTS', 'DESCRIPTION'], rows, io.outColumns));
  if (rows.length === 0) io.err('No live worker offers a tool.\n');
}
