/** Postgres text holds no NUL and no lone surrogate; what users and tools write may. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** JSON text that `jsonb` accepts. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, node: unknown) =>
    typeof node === 'string' ? storableText(node) : node,
  );
}

/** A pattern for ILIKE that finds `text` anywhere, its own % and _ taken literally. */
export function containing(text: string): string {
  return `%${storableText(text).replace(/[\\%_]/g, '\\$&')}%`;
}
