import type { TraceRow } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { traceCsv } from './trace-csv.ts';

test('no cell is a formula to a spreadsheet, and quotes and line breaks stay inside theirs', () => {
  const row = (error: string) => ({ step: '1.a', error, input_params: { q: '=1+1' } }) as unknown as TraceRow;
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '=HYPERLINK("http://x","y")', 'a\r\n=2'];
  const [, ...lines] = traceCsv(formulas.map(row)).split(/\r\n(?=1\.a)/);
  const cells = lines.map((line) => line.split(',')[7]);
  for (const cell of cells.slice(0, -1)) expect(cell).toMatch(/^"?'/);
  expect(lines).toHaveLength(formulas.length);
  expect(lines.at(-1)).toContain('"a\r\n=2"');
});
