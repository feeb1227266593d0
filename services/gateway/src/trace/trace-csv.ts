import type { TraceRow } from '@planyard/contracts';
import { stringify } from 'csv-stringify/sync';
import { plainUsd } from '../http/plain-usd.ts';

const columns = [
  'step',
  'tool_type',
  'operation',
  'start_time',
  'end_time',
  'duration_ms',
  'success',
  'error',
  'cache_hit',
  'input_params',
  'result_size_bytes',
  'result_count',
  'retry_count',
  'fallback_used',
  'tokens',
  'cost',
  'metadata',
] as const satisfies (keyof TraceRow)[];

/** The trace as RFC 4180 with a header line. A cell that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection). */
export function traceCsv(rows: TraceRow[]): string {
  const records = rows.map((row) =>
    columns.map((column) => (column === 'cost' && row.cost ? plainUsd(row.cost) : cellOf(row[column]))),
  );
  return stringify(records, {
    header: true,
    columns: [...columns],
    escape_formulas: true,
    record_delimiter: '\r\n',
  });
}

function cellOf(value: TraceRow[keyof TraceRow]): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
