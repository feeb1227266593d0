import { distance } from 'fastest-levenshtein';

/** The name that was most likely meant, for a message: never taken in its place. Undefined where none is near. */
export function nearestOf(got: string, names: Iterable<string>): string | undefined {
  const wanted = got.toLowerCase();
  let best: { name: string; apart: number } | undefined;
  for (const name of names) {
    const apart = distance(wanted, name.toLowerCase());
    if (!best || apart < best.apart) best = { name, apart };
  }
  return best && best.apart <= Math.max(2, Math.ceil(got.length / 2)) ? best.name : undefined;
}
