import { defineTool, type ToolContext } from '@planyard/sdk';
import { z } from 'zod';
import { findItem } from '../../inventory/find-items.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { Item, ItemRef, itemRecords, listOf } from '../../inventory/item.ts';
import { Direction, Edge, edgesAt, itemsById, RelationTypes } from '../../inventory/walk-graph.ts';

const Words = z.union([z.array(z.string().min(1)).max(100), z.string().min(1)]);

export const tool = defineTool({
  name: 'graph.expand',
  description:
    'What an item is related to, step by step through the graph: what depends on it (direction in), what it depends on (out), or both, to a depth. Answers impact and dependency questions; `nodes` are the items found, without the start.',
  input: z.strictObject({
    ci_id: ItemRef,
    direction: Direction.default('both'),
    depth: z.int().min(1).max(10).default(1).describe('1: direct relations only'),
    relation_types: RelationTypes.optional(),
    node_types: Words.optional().describe('Show only nodes of these types; the walk goes through all'),
    limit: z.int().min(1).max(2000).default(500).describe('Nodes shown, the nearest'),
  }),
  output: z.object({
    start: Item,
    direction: Direction,
    depth: z.int(),
    nodes: z.array(Item.extend({ depth: z.int().describe('Relations away from the start') })),
    edges: z.array(Edge),
    truncated: z.boolean().describe('There may be more: limit ended the walk or cut what it found'),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 20_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.85, complexity: 'high' },
  count: (output) => output.nodes.length,
  records: (output) => itemRecords(output.nodes),
  async execute(
    { ci_id, direction, depth, limit, ...input },
    { store, signal }: ToolContext<InventoryStore>,
  ) {
    const start = await findItem(store, ci_id, 'ci_id');
    const walk = {
      direction,
      relation_types: input.relation_types === undefined ? null : listOf(input.relation_types),
    };
    const depths = new Map([[start.id, 0]]);
    const edges = new Map<string, Edge>();
    let frontier = [start.id];
    let level = 1;
    for (; level <= depth && frontier.length > 0 && depths.size <= limit; level += 1) {
      signal.throwIfAborted();
      const walked = await edgesAt(store, frontier, walk);
      for (const { edge } of walked) edges.set(`${edge.from_id}|${edge.relation}|${edge.to_id}`, edge);
      frontier = [...new Set(walked.map(({ next }) => next))].filter((id) => !depths.has(id));
      for (const id of frontier) depths.set(id, level);
    }
    const stopped = level <= depth && frontier.length > 0;
    depths.delete(start.id);
    const items = await itemsById(store, [...depths.keys()]);
    const types =
      input.node_types === undefined ? null : listOf(input.node_types).map((type) => type.toLowerCase());
    const nodes = [...depths]
      .flatMap(([id, at]) => {
        const item = items.get(id);
        return item && (types === null || types.includes(item.type.toLowerCase()))
          ? [{ ...item, depth: at }]
          : [];
      })
      .sort((a, b) => a.depth - b.depth || (a.code < b.code ? -1 : 1));
    const shown = nodes.slice(0, limit);
    return {
      start,
      direction,
      depth,
      nodes: shown,
      edges: [...edges.values()].slice(0, limit * 4),
      truncated: stopped || shown.length < nodes.length || edges.size > limit * 4,
    };
  },
});
