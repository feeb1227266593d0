import { PlanyardError } from '@planyard/contracts';
import { sql } from 'kysely';
import type { InventoryStore } from './inventory-store.ts';
import type { Item } from './item.ts';

export interface FoundItems {
  /** In the order they were asked for, each once. */
  items: Item[];
  unknown: string[];
}

/** Items by id, code or exact name (case does not matter). A name that several items have finds all of them. */
async function findItems({ db, tenant }: InventoryStore, refs: string[]): Promise<FoundItems> {
  if (refs.length === 0) return { items: [], unknown: [] };
  const asked = [...new Set(refs.map((ref) => ref.replaceAll('\0', '').trim()))];
  const { rows } = await sql<Item & { ref: string }>`
    with asked as (
      select ref, place from unnest(${asked}::text[]) with ordinality as a (ref, place)
    ), found as (
      select a.ref, a.place, i.id, 1 as way from asked a join items i on i.tenant = ${tenant} and i.id = a.ref
      union all
      select a.ref, a.place, i.id, 2 from asked a
        join items i on i.tenant = ${tenant} and lower(i.code) = lower(a.ref)
      union all
      select a.ref, a.place, i.id, 3 from asked a
        join items i on i.tenant = ${tenant} and lower(i.name) = lower(a.ref)
    ), best as (
      select *, min(way) over (partition by ref) as best_way from found
    )
    select b.ref, i.id, i.code, i.name, i.type, i.owner, i.environment, i.status
    from best b join items i on i.tenant = ${tenant} and i.id = b.id
    where b.way = b.best_way order by b.place, i.code`.execute(db);
  const known = new Set(rows.map((row) => row.ref));
  const items = new Map(rows.map(({ ref, ...item }) => [item.id, item]));
  return { items: [...items.values()], unknown: asked.filter((ref) => !known.has(ref)) };
}

/** The one item an argument names; throws `invalid_args` located at it when none or several fit. */
export async function findItem(store: InventoryStore, ref: string, argument: string): Promise<Item> {
  const { items } = await findItems(store, [ref]);
  const [item] = items;
  if (item && items.length === 1) return item;
  const message = item
    ? `"${ref}" is the name of several items: ${items.map((each) => each.code).join(', ')}`
    : `there is no item "${ref}"${await nearMisses(store, ref)}`;
  throw invalid(argument, message);
}

/** The items an argument names; throws `invalid_args` when it names some and none of them exists. */
export async function findSomeItems(
  store: InventoryStore,
  refs: string[],
  argument: string,
): Promise<FoundItems> {
  const found = await findItems(store, refs);
  const [first] = found.unknown;
  if (found.items.length === 0 && first !== undefined)
    throw invalid(argument, `there is no item "${first}"${await nearMisses(store, first)}`);
  return found;
}

export function invalid(argument: string, message: string): PlanyardError {
  const path = `args.${argument}`;
  return new PlanyardError('invalid_args', `${path}: ${message}`, { errors: [{ path, message }] });
}

async function nearMisses({ db, tenant }: InventoryStore, ref: string): Promise<string> {
  const part = `%${ref.replaceAll('\0', '').replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<{ code: string }>`
    select code from items
    where tenant = ${tenant} and (code ilike ${part} or name ilike ${part} or lower(${ref.replaceAll('\0', '')}) like '%' || lower(code) || '%')
    order by length(code), code limit 5`.execute(db);
  return rows.length === 0 ? '' : `; did you mean ${rows.map((row) => row.code).join(', ')}?`;
}
