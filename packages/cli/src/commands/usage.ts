import type { Command } from 'commander';
import { count } from '../option-values.ts';
import { nextPageText } from '../output/next-page.ts';
import { printable, table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

type ShowUsageOptions = NonNullable<Parameters<Session['client']['usage']>[0]> & { by: string };

type Row = Awaited<ReturnType<Session['client']['usage']>>['total'];

/** `planyard usage`. */
export function addUsage(program: Command, { add, session }: Shell): void {
  add(
    program,
    'usage',
    'what models were used, and what they and tools cost; of the last 30 days unless said',
  )
    .option('--by <dimensions>', 'of day, kind, model, tool, agent, key, tag, with commas', 'day,model,tool')
    .option('--from <time>', 'such as 2026-11-01T00:00:00Z')
    .option('--to <time>', 'up to this moment, not including it')
    .option('--kind <kind>', 'only calls of models, or only what tools spent: model or tool')
    .option('--model <provider/model>', 'only of this model')
    .option('--tool <tool>', 'only of this tool')
    .option('--agent <name>', 'only of this agent')
    .option('--key <key>', 'only of this key, by its id')
    .option('--tag <tag>', 'only with this tag')
    .option('--limit <number>', 'how many', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(({ output, ...query }: ShowUsageOptions & Output) => showUsage(session({ output }), query));
}

/** What models were used, and what they and tools cost, with the total of all pages. */
async function showUsage({ client, io, format }: Session, query: ShowUsageOptions): Promise<void> {
  const report = await client.usage(query);
  if (format === 'json') {
    io.out(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const by = query.by.split(',') as ('day' | 'kind' | 'model' | 'tool' | 'agent' | 'key' | 'tag')[];
  const figures = (row: Row) => [
    String(row.calls),
    String(row.errors),
    String(row.input_tokens),
    String(row.output_tokens),
    `$${row.cost_usd.toFixed(6)}`,
    String(row.unpriced_calls),
  ];
  const rows = report.data.map((row) => [...by.map((name) => printable(row[name] ?? '-')), ...figures(row)]);
  const total = by.map((_, at) => (at === 0 ? 'total' : ''));
  const header = [
    ...by.map((name) => name.toUpperCase()),
    'CALLS',
    'ERRORS',
    'IN',
    'OUT',
    'COST',
    'UNPRICED',
  ];
  io.out(table(header, [...rows, [...total, ...figures(report.total)]], io.outColumns));
  const { from, to, next_cursor } = report;
  io.err(nextPageText(['usage'], { ...query, from, to }, next_cursor));
}
