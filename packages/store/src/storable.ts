/** Postgres text holds no NUL and no lone surrogate; what users and tools write may. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** NUL and halves of characters, as JSON writes them; a backslash before the `u` may belong to the text. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** JSON text that `jsonb` accepts, and `json_to_recordset` reads. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return UNSTORABLE.test(json) ? JSON.stringify(storable(JSON.parse(json))) : json;
}

function storable(node: unknown): unknown {
  if (typeof node === 'string') return storableText(node);
  if (Array.isArray(node)) return node.map(storable);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [storableText(key), storable(value)]));
}

/** A pattern for ILIKE that finds `text` anywhere, its own % and _ taken literally. */
export function containing(text: string): string {
  return `%${storableText(text).replace(/[\\%_]/g, '\\$&')}%`;
}
