import type { Command } from 'commander';
import { duration, table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

/** `planyard plans`. */
export function addPlans(program: Command, { add, session }: Shell): void {
  add(program, 'plans', 'how plans did: by intent, agent and prompt version').action((options: Output) =>
    listPlans(session(options)),
  );
}

/** How plans did, by intent, agent and prompt version. */
async function listPlans({ client, io, format }: Session): Promise<void> {
  const page = await client.plans({ limit: 200 });
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
  if (rows.length === 0) io.err('No run with a plan has ended in the last 30 days.\n');
}
