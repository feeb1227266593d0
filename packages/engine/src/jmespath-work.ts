/** What a call of a function that makes much of little, or goes over its arguments many times, would take: visits tell it too late. */
export function workOf(
  name: string,
  [first, second, third, fourth]: readonly unknown[],
  most: number,
): number {
  switch (name) {
    case 'to_string':
      return sizeOf(first, most);
    case 'max':
    case 'min':
      return sizeOf(first, most * 4) / 4;
    case 'sort':
      return (sizeOf(first, most * 2) * Math.log2(2 + lengthOf(first))) / 2;
    case 'join':
      return sizeOf(second, most) + lengthOf(first) * lengthOf(second);
    case 'find_last':
      return (lengthOf(first) * lengthOf(second)) / 100;
    case 'replace': {
      const places = 1 + lengthOf(first) / Math.max(1, lengthOf(second));
      return typeof fourth === 'number' ? fourth : places * lengthOf(third);
    }
    default:
      return 0;
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
}

/** Values and characters, counted until they are more than `most`. */
export function sizeOf(value: unknown, most: number): number {
  let size = 1 + (typeof value === 'string' ? value.length : 0);
  if (value === null || typeof value !== 'object') return size;
  for (const each of Array.isArray(value) ? value : Object.values(value)) {
    size += sizeOf(each, most - size);
    if (size > most) break;
  }
  return size;
}
