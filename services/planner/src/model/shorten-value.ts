import type { Json, JsonObject } from '@planyard/contracts';

/** Entries of each list and characters of each text that are shown, the most that fits being taken. */
const STEPS = [
  { entries: 50, chars: 2_000 },
  { entries: 20, chars: 1_000 },
  { entries: 10, chars: 500 },
  { entries: 5, chars: 200 },
  { entries: 2, chars: 100 },
  { entries: 0, chars: 60 },
];

/** A long list in its place: how many entries it has, the first of them, and what its numbers come to. */
interface ShortList {
  entries: number;
  first: Json[];
  numbers?: Record<string, { min: number; max: number; mean: number }>;
}

export interface Shortened {
  text: string;
  /** Not all of the value is in the text. */
  cut: boolean;
}

/** A value as JSON of at most so many characters: long lists as their number, first entries and figures, long texts cut. */
export function shortenValue(value: Json, chars: number): Shortened {
  const whole = JSON.stringify(value);
  if (whole.length <= chars) return { text: whole, cut: false };
  for (const limits of STEPS) {
    const text = JSON.stringify(shorten(value, limits));
    if (text.length <= chars) return { text, cut: true };
  }
  return { text: `${whole.slice(0, Math.max(0, chars - 1))}…`, cut: true };
}

function shorten(value: Json, limits: { entries: number; chars: number }): Json {
  if (typeof value === 'string')
    return value.length <= limits.chars
      ? value
      : `${value.slice(0, limits.chars)}… (${value.length} characters)`;
  if (Array.isArray(value)) {
    if (value.length <= limits.entries) return value.map((item) => shorten(item, limits));
    return shortList(value, limits) as unknown as Json;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shorten(item, limits)]));
}

function shortList(list: Json[], limits: { entries: number; chars: number }): ShortList {
  const numbers = figuresOf(list);
  return {
    entries: list.length,
    first: list.slice(0, limits.entries).map((item) => shorten(item, limits)),
    ...(Object.keys(numbers).length > 0 ? { numbers } : {}),
  };
}

/** Of numbers in a list, or of each field of its objects that holds one. */
function figuresOf(list: Json[]): NonNullable<ShortList['numbers']> {
  const found = new Map<string, number[]>();
  const note = (key: string, value: Json | undefined) => {
    if (typeof value !== 'number') return;
    const values = found.get(key);
    if (values) values.push(value);
    else found.set(key, [value]);
  };
  for (const item of list) {
    if (typeof item === 'number') note('value', item);
    else if (item !== null && typeof item === 'object' && !Array.isArray(item))
      for (const [key, value] of Object.entries(item as JsonObject)) note(key, value);
  }
  return Object.fromEntries(
    [...found].map(([key, values]) => [
      key,
      {
        min: values.reduce((a, b) => Math.min(a, b)),
        max: values.reduce((a, b) => Math.max(a, b)),
        mean: round(values.reduce((a, b) => a + b, 0) / values.length),
      },
    ]),
  );
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
