import { singular } from '@planyard/planning';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { listOf } from './item.ts';
import { wordsToFind } from './words-to-find.ts';

const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;
const Severity = z.enum(SEVERITIES);

/** Fields that narrow events down. */
export const EVENT_FILTER = {
  event_types: z
    .union([z.array(z.string().min(1).max(200)).max(100), z.string().min(1).max(200)])
    .optional()
    .describe('Types of events, such as "deployment", "config_change", "alert"'),
  severity: z.union([z.array(Severity), Severity]).optional(),
  min_severity: Severity.optional().describe('This severity or worse: info, warning, error, critical'),
  text: z
    .string()
    .max(2000)
    .optional()
    .describe('Words; the message, type, item or attributes must have one'),
};
export interface EventFilter {
  event_types?: string | string[] | undefined;
  severity?: string | string[] | undefined;
  min_severity?: z.infer<typeof Severity> | undefined;
  text?: string | undefined;
}

/** The condition on the aliases `e` (item_events) and `i` (items) that a filter means, its tenant included. */
export function whereEvents(tenant: string, filter: EventFilter): RawBuilder<boolean> {
  const conditions = [sql<boolean>`e.tenant = ${tenant}`];
  if (filter.event_types !== undefined) {
    const names = listOf(filter.event_types).flatMap((type) => {
      const plain = type
        .toLowerCase()
        .replaceAll('\0', '')
        .trim()
        .replace(/[\s-]+/g, '_');
      return [plain, singular(plain)];
    });
    conditions.push(sql`regexp_replace(lower(e.type), '[ -]+', '_', 'g') = any(${names}::text[])`);
  }
  if (filter.severity !== undefined)
    conditions.push(sql`e.severity = any(${listOf(filter.severity)}::text[])`);
  if (filter.min_severity !== undefined)
    conditions.push(
      sql`e.severity = any(${SEVERITIES.slice(SEVERITIES.indexOf(filter.min_severity))}::text[])`,
    );
  const words = wordsToFind(filter.text ?? '');
  if (words.length > 0)
    conditions.push(sql`exists (
      select 1 from unnest(${words}::text[]) as w (word)
      where strpos(lower(concat_ws(' ', e.message, e.type, i.code, i.name, e.attributes::text)), w.word) > 0)`);
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}
