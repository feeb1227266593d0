import { printable, table } from '../output/text.ts';
import type { Session } from '../session.ts';

export type ShowUsageOptions = NonNullable<Parameters<Session['client']['usage']>[0]> & { by: string };

type Row = Awaited<ReturnType<Session['client']['usage']>>['total'];

/** What models were used and what they cost, with the total of all pages. */
export async function showUsage({ client, io, format }: Session, query: ShowUsageOptions): Promise<void> {
  const report = await client.usage(query);
  if (format === 'json') {
    io.out(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const by = query.by.split(',') as ('day' | 'model' | 'agent' | 'key' | 'tag')[];
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
  if (next_cursor !== null)
    io.err(
      `There are more, by the same filters:\nplanyard usage --by ${query.by} --from ${from} --to ${to} --cursor ${next_cursor}\n`,
    );
}
