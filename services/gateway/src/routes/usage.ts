import { UsageQuery, UsageReport, type UsageRow } from '@planyard/contracts';
import { listUsage, sumUsage } from '@planyard/store';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { GatewayDeps } from '../deps.ts';
import { plainUsd } from '../http/plain-usd.ts';
import { defineRoute, type Route } from '../http/route.ts';

const USUAL_MS = 30 * 86_400_000;
const SUMS = [
  'calls',
  'errors',
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'cost_usd',
  'unpriced_calls',
] as const satisfies (keyof UsageRow)[];

export function usageRoutes(deps: GatewayDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/usage',
      id: 'getUsage',
      summary:
        'What models were used, and what they and tools cost, by day, kind, model, tool, agent, key and tag',
      tag: 'Models',
      access: 'runs:read',
      query: UsageQuery,
      replies: {
        200: { description: 'A page of sums', schema: UsageReport, also: { 'text/csv': z.string() } },
      },
      async handle({ query, principal, res }) {
        const { by, format, limit, cursor, ...filter } = query;
        const to = query.to === undefined ? new Date(deps.now()) : new Date(query.to);
        const from = query.from === undefined ? new Date(to.getTime() - USUAL_MS) : new Date(query.from);
        const within = { ...filter, from, to };
        if (format === 'csv') {
          const columns = [...by, ...SUMS];
          const rows = await sumUsage(deps.db, principal.tenant, by, within);
          const records = rows.map((row) =>
            columns.map((column) => (column === 'cost_usd' ? plainUsd(row.cost_usd) : (row[column] ?? ''))),
          );
          // A cell that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection).
          const csv = stringify(records, {
            header: true,
            columns,
            escape_formulas: true,
            record_delimiter: '\r\n',
          });
          res.attachment('usage.csv').type('text/csv; charset=utf-8').send(csv);
          return null;
        }
        const page = await listUsage(deps.db, principal.tenant, by, within, { limit, cursor });
        const [total] = await sumUsage(deps.db, principal.tenant, [], within);
        return { body: { from: from.toISOString(), to: to.toISOString(), ...page, total } };
      },
    }),
  ];
}
