import { defineTool, type ToolContext } from '@planyard/sdk';
import { z } from 'zod';
import { findItem } from '../../inventory/find-items.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { Item, ItemRef, itemRecords, listOf } from '../../inventory/item.ts';
import {
  Direction,
  Edge,
  edgesAt,
  itemsById,
  RelationTypes,
  type Walked,
} from '../../inventory/walk-graph.ts';

export const tool = defineTool({
  name: 'graph.path',
  description:
    'The shortest ways through the relations from one item to another: how two items are connected. Cycles do no harm.',
  input: z.strictObject({
    from: ItemRef,
    to: ItemRef,
    direction: Direction.default('both'),
    relation_types: RelationTypes.optional(),
    max_depth: z.int().min(1).max(20).default(10),
    max_paths: z.int().min(1).max(50).default(5),
  }),
  output: z.object({
    from: Item,
    to: Item,
    found: z.boolean(),
    length: z.int().nullable().describe('Relations on a shortest path; null without one'),
    paths: z.array(z.object({ nodes: z.array(Item), edges: z.array(Edge) })),
    nodes: z.array(Item).describe('All items on these paths, each once'),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 20_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.9, complexity: 'high' },
  count: (output) => output.paths.length,
  records: (output) => itemRecords(output.nodes),
  async execute(input, { store, signal }: ToolContext<InventoryStore>) {
    const from = await findItem(store, input.from, 'from');
    const to = await findItem(store, input.to, 'to');
    const walk = {
      direction: input.direction,
      relation_types: input.relation_types === undefined ? null : listOf(input.relation_types),
    };
    const steps = await stepsBetween(from.id, to.id, input.max_depth, (ids) => {
      signal.throwIfAborted();
      return edgesAt(store, ids, walk);
    });
    const paths = steps === null ? [] : pathsBack(steps, from.id, to.id, input.max_paths);
    const ids = [...new Set(paths.flatMap((path) => [from.id, ...path.map((step) => step.next)]))];
    const items = await itemsById(store, ids);
    const item = (id: string) => items.get(id) as Item;
    return {
      from,
      to,
      found: paths.length > 0,
      length: paths[0]?.length ?? null,
      paths: paths.map((path) => ({
        nodes: [from, ...path.map((step) => item(step.next))],
        edges: path.map((step) => step.edge),
      })),
      nodes: ids.map(item),
    };
  },
});

/** Walks outwards level by level until `to` is reached; the steps by which each item was first reached, null without a way. */
async function stepsBetween(
  from: string,
  to: string,
  maxDepth: number,
  edges: (ids: string[]) => Promise<Walked[]>,
): Promise<Map<string, Walked[]> | null> {
  const reachedBy = new Map<string, Walked[]>([[from, []]]);
  let frontier = [from];
  for (let depth = 0; depth < maxDepth && !reachedBy.has(to) && frontier.length > 0; depth += 1) {
    const walked = (await edges(frontier)).filter((step) => !reachedBy.has(step.next));
    const level = Map.groupBy(walked, (step) => step.next);
    for (const [id, steps] of level) reachedBy.set(id, steps);
    frontier = [...level.keys()];
  }
  return reachedBy.has(to) ? reachedBy : null;
}

/** Every shortest path is a way back along first steps; at most `limit` of them. */
function pathsBack(reachedBy: Map<string, Walked[]>, from: string, to: string, limit: number): Walked[][] {
  let open: Walked[][] = [[]];
  while (open[0] !== undefined && (open[0][0]?.at ?? to) !== from) {
    open = open
      .flatMap((path) => (reachedBy.get(path[0]?.at ?? to) ?? []).map((step) => [step, ...path]))
      .slice(0, limit);
  }
  return open;
}
