import { defineTool, type ToolContext } from '@planyard/sdk';
import { sql } from 'kysely';
import { z } from 'zod';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { Item, itemRecords } from '../../inventory/item.ts';
import { ITEM_FILTER, whereItems } from '../../inventory/item-filter.ts';
import { wordsToFind } from '../../inventory/words-to-find.ts';

export const tool = defineTool({
  name: 'ci.search',
  description:
    'Finds configuration items (services, databases, queues, hosts …) by keywords in their code, name, type, description, owner, environment and attributes, best match first; filters narrow down. Use it when the exact code is not known.',
  input: z.strictObject({
    query: z.string().max(2000).optional().describe('Keywords; an item must match at least one'),
    ...ITEM_FILTER,
    limit: z.int().min(1).max(500).default(20),
  }),
  output: z.object({
    items: z.array(Item.extend({ description: z.string(), score: z.number() })),
    total: z.int().describe('Matches, shown or not'),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 10_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.95, complexity: 'low' },
  broad_search: (question) => ({ query: question.slice(0, 2000) }),
  count: (output) => output.total,
  records: (output) => itemRecords(output.items),
  async execute({ query, limit, ...filter }, { store }: ToolContext<InventoryStore>) {
    const { db, tenant } = store;
    const words = wordsToFind(query ?? '');
    if (query?.trim() && words.length === 0) return { items: [], total: 0 };
    // A word counts once, for the best place it is found in; a code or name in full counts most.
    const { rows } = await sql<Item & { description: string; score: number; total: number }>`
      with words as (select word from unnest(${words}::text[]) as w (word)),
      scored as (
        select i.*, (
          select coalesce(sum(case
            when lower(i.code) = word or lower(i.name) = word then 10
            when lower(i.type) = word then 6
            when lower(i.code) like word || '%' or lower(i.name) like word || '%' then 5
            when strpos(lower(i.code), word) > 0 or strpos(lower(i.name), word) > 0 then 4
            when strpos(lower(i.type), word) > 0 then 3
            when strpos(lower(coalesce(i.owner, '')), word) > 0 then 2
            when strpos(lower(coalesce(i.environment, '')), word) > 0 then 2
            when strpos(lower(i.description), word) > 0 then 1
            when strpos(lower(i.attributes::text), word) > 0 then 1
            else 0 end), 0)::int
          from words
        ) as score
        from items i where ${whereItems(tenant, filter)}
      )
      select id, code, name, type, owner, environment, status, description, score, (count(*) over ())::int as total
      from scored where score > 0 or ${words.length === 0}
      order by score desc, code limit ${limit}`.execute(db);
    return { items: rows.map(({ total: _, ...item }) => item), total: rows[0]?.total ?? 0 };
  },
});
