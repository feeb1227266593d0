import type { Command } from 'commander';
import { count } from '../option-values.ts';
import { nextPageText } from '../output/next-page.ts';
import { duration, table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

/** `planyard plans`. */
export function addPlans(program: Command, { add, session }: Shell): void {
  add(program, 'plans', 'how plans did: by intent, agent and prompt version')
    .option('--limit <number>', 'how many', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(({ output, ...query }: Output & { limit: number; cursor?: string }) =>
      listPlans(session({ output }), query),
    );
}

/** How plans did, by intent, agent and prompt version. */
async function listPlans(
  { client, io, format }: Session,
  query: { limit: number; cursor?: string },
): Promise<void> {
  const page = await client.plans(query);
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const percent = (share: number | null) => (share === null ? '-' : `${Math.round(share * 100)}%`);
  const rows = page.data.map((row) => [
    row.intent ?? '',
    row.agent ?? '-',
    row.prompt ?? '-',
    String(row.plans),
    percent(row.success_rate),
    percent(row.cache_rate),
    percent(row.tool_accuracy),
    duration(row.mean_latency_ms),
  ]);
  io.out(
    table(['INTENT', 'AGENT', 'PROMPT', 'PLANS', 'GOOD', 'KEPT', 'USEFUL', 'TIME'], rows, io.outColumns),
  );
  io.err(nextPageText(['plans'], query, page.next_cursor));
  if (rows.length === 0) io.err('No run with a plan has ended in the last 30 days.\n');
}
