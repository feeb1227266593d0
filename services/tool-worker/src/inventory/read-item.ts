import { Json } from '@planyard/contracts';
import { sql } from 'kysely';
import { z } from 'zod';
import type { InventoryStore } from './inventory-store.ts';
import { Item, ItemName } from './item.ts';

/** Relations shown with an item; `graph.expand` has all. */
const RELATIONS = 200;

/** Everything the inventory holds about one item. */
export const ItemDetails = z.object({
  item: Item.extend({ description: z.string(), attributes: z.record(z.string(), Json) }),
  relations: z.array(
    ItemName.extend({
      relation: z.string(),
      direction: z
        .enum(['out', 'in'])
        .describe('out: the item has the relation to this one; in: this one has it to the item'),
    }),
  ),
});
export type ItemDetails = z.infer<typeof ItemDetails>;

export async function readItem({ db, tenant }: InventoryStore, item: Item): Promise<ItemDetails> {
  const details = await sql<{ description: string; attributes: ItemDetails['item']['attributes'] }>`
    select description, attributes from items where tenant = ${tenant} and id = ${item.id}`.execute(db);
  const { description, attributes } = details.rows[0] ?? { description: '', attributes: {} };
  const relations = await sql<ItemDetails['relations'][number]>`
    select 'out' as direction, r.relation, i.id, i.code, i.name, i.type
    from relations r join items i on i.tenant = r.tenant and i.id = r.to_id
    where r.tenant = ${tenant} and r.from_id = ${item.id}
    union all
    select 'in', r.relation, i.id, i.code, i.name, i.type
    from relations r join items i on i.tenant = r.tenant and i.id = r.from_id
    where r.tenant = ${tenant} and r.to_id = ${item.id}
    order by direction desc, relation, code limit ${RELATIONS}`.execute(db);
  return { item: { ...item, description, attributes }, relations: relations.rows };
}
