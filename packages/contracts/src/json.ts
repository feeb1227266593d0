import { z } from 'zod';

export const Json = z.json();
export type Json = z.infer<typeof Json>;
export type JsonObject = { [key: string]: Json };
export const JsonObject = z.record(z.string(), Json);

/** The deepest nesting of a JSON value: 0 for a scalar, 1 for `[]`. Walks iteratively, so hostile depth cannot overflow the stack. */
export function jsonDepth(value: unknown): number {
  let depth = 0;
  let level: unknown[] = [value];
  while (true) {
    level = level.flatMap((node) => (node !== null && typeof node === 'object' ? [node] : []));
    if (level.length === 0) return depth;
    depth += 1;
    level = level.flatMap((node) => Object.values(node as object));
  }
}

/** Whether a JSON value is nested deeper than so many levels. Looks no deeper, so it may recurse: many times as fast as `jsonDepth`, for the door. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (levels === 0) return true;
  for (const child of Array.isArray(value) ? value : Object.values(value))
    if (isDeeperThan(child, levels - 1)) return true;
  return false;
}

/** JSON with the keys of every object sorted (the ordering of RFC 8785), so that equal values give equal text. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, node: unknown) =>
    node !== null && typeof node === 'object' && !Array.isArray(node)
      ? Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)))
      : node,
  );
}
