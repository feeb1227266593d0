/** Whether a dotted name is one that a pattern means: `*` stands for any text; a pattern with fewer parts looks at the last ones. */
export function matches(pattern: string, name: readonly string[]): boolean {
  const parts = pattern.split('.');
  const own = name.slice(-parts.length);
  return own.length === parts.length && parts.every((part, at) => partFits(part, own[at] as string));
}

function partFits(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[\\^$+?.()|[\]{}]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`, 'i').test(text);
}
