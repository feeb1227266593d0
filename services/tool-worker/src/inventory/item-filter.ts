import { singular } from '@planyard/planning';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { listOf } from './item.ts';

const Words = z.union([z.array(z.string().min(1).max(200)).max(100), z.string().min(1).max(200)]);

/** Fields that narrow items down; of several values of a field any may hold, and all fields must. */
export const ITEM_FILTER = {
  type: Words.optional().describe('Item types, such as "database"; singular or plural'),
  owner: Words.optional().describe('Owning teams or people'),
  environment: Words.optional().describe('Such as "production"'),
  status: Words.optional().describe('Such as "active"'),
  attributes: z
    .record(z.string().max(200), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Attribute values that must be equal'),
  except: z
    .array(z.strictObject({ field: z.string().min(1).max(200), value: z.string().max(200).optional() }))
    .max(100)
    .optional()
    .describe(
      'Leaves out items that have this value of a field (type, owner, environment, status, code or an attribute); without a value, items that have any',
    ),
};
export interface ItemFilter {
  type?: string | string[] | undefined;
  owner?: string | string[] | undefined;
  environment?: string | string[] | undefined;
  status?: string | string[] | undefined;
  attributes?: Record<string, string | number | boolean> | undefined;
  except?: { field: string; value?: string | undefined }[] | undefined;
}

const COLUMNS = ['type', 'owner', 'environment', 'status', 'code'];

/** The condition on the table or alias `i` (items) that a filter means, its tenant included. */
export function whereItems(tenant: string, filter: ItemFilter): RawBuilder<boolean> {
  const conditions = [sql<boolean>`i.tenant = ${tenant}`];
  if (filter.type !== undefined) {
    const names = listOf(filter.type).flatMap((type) => [type.toLowerCase(), singular(type.toLowerCase())]);
    conditions.push(sql`lower(i.type) = any(${names.map(clean)}::text[])`);
  }
  for (const field of ['owner', 'environment', 'status'] as const) {
    const value = filter[field];
    if (value !== undefined)
      conditions.push(
        sql`lower(${sql.ref(`i.${field}`)}) = any(${listOf(value).map((each) => clean(each).toLowerCase())}::text[])`,
      );
  }
  for (const [key, value] of Object.entries(filter.attributes ?? {}))
    conditions.push(sql`lower(i.attributes ->> ${clean(key)}::text) = ${clean(String(value)).toLowerCase()}`);
  for (const { field, value } of filter.except ?? []) {
    const found = COLUMNS.includes(field)
      ? sql.ref(`i.${field}`)
      : sql`i.attributes ->> ${clean(field)}::text`;
    conditions.push(
      value === undefined
        ? sql`${found} is null`
        : sql`lower(${found}) is distinct from ${clean(value).toLowerCase()}`,
    );
  }
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

function clean(text: string): string {
  return text.replaceAll('\0', '');
}
