import { fitsPattern } from '@planyard/contracts';

/** Whether a dotted name is one that a pattern means: `*` stands for any text; a pattern with fewer parts looks at the last ones. */
export function matches(pattern: string, name: readonly string[]): boolean {
  const parts = pattern.split('.');
  const own = name.slice(-parts.length);
  return (
    own.length === parts.length &&
    parts.every((part, at) => fitsPattern(part.toLowerCase(), (own[at] as string).toLowerCase()))
  );
}
