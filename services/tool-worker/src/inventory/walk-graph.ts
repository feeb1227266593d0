import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { InventoryStore } from './inventory-store.ts';
import type { Item } from './item.ts';

export const Direction = z
  .enum(['out', 'in', 'both'])
  .describe(
    'out follows relations as written ("checkout depends_on db-01": from checkout to db-01); in goes against them (from db-01 to what depends on it)',
  );
export type Direction = z.infer<typeof Direction>;

export const Edge = z.object({
  from_id: z.string(),
  from: z.string().describe('Code'),
  relation: z.string(),
  to_id: z.string(),
  to: z.string().describe('Code'),
});
export type Edge = z.infer<typeof Edge>;

export const RelationTypes = z
  .union([z.array(z.string().min(1).max(200)).max(100), z.string().min(1).max(200)])
  .describe('Relations to follow; all without it');

/** An edge as it was walked: from an item that was known to one next to it. */
export interface Walked {
  at: string;
  next: string;
  edge: Edge;
}

export interface WalkOptions {
  direction: Direction;
  relation_types: string[] | null;
}

/** The edges that touch these items, in the direction asked for, each once for each end that is among them. */
export async function edgesAt(
  { db, tenant }: InventoryStore,
  ids: string[],
  { direction, relation_types }: WalkOptions,
): Promise<Walked[]> {
  const walk = (known: RawBuilder<unknown>, next: RawBuilder<unknown>) => sql`
    select ${known} as at, ${next} as next, r.from_id, f.code as from, r.relation, r.to_id, t.code as to
    from relations r
    join items f on f.tenant = r.tenant and f.id = r.from_id
    join items t on t.tenant = r.tenant and t.id = r.to_id
    where r.tenant = ${tenant} and ${known} = any(${ids}::text[])
      and ${relation_types === null ? sql`true` : sql`lower(r.relation) = any(${relation_types.map((type) => type.toLowerCase())}::text[])`}`;
  const out = walk(sql`r.from_id`, sql`r.to_id`);
  const into = walk(sql`r.to_id`, sql`r.from_id`);
  const query = direction === 'out' ? out : direction === 'in' ? into : sql`${out} union all ${into}`;
  const { rows } = await sql<Edge & { at: string; next: string }>`
    select * from (${query}) as walked order by "from", relation, "to"`.execute(db);
  return rows.map(({ at, next, ...edge }) => ({ at, next, edge }));
}

/** Items by id. */
export async function itemsById({ db, tenant }: InventoryStore, ids: string[]): Promise<Map<string, Item>> {
  const { rows } = await sql<Item>`
    select id, code, name, type, owner, environment, status from items
    where tenant = ${tenant} and id = any(${ids}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}
