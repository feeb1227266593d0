import type { Json, JsonObject } from '@planyard/contracts';

interface Limits {
  entries: number;
  chars: number;
}

/** Entries of each list and characters of each text that are shown, the most that fits being taken. */
const STEPS: readonly Limits[] = [
  { entries: 50, chars: 2_000 },
  { entries: 20, chars: 1_000 },
  { entries: 10, chars: 500 },
  { entries: 5, chars: 200 },
  { entries: 2, chars: 100 },
  { entries: 0, chars: 60 },
];

/** A long list in its place: how many entries it has, some of them, and what its fields come to. */
interface ShortList {
  entries: number;
  first: Json[];
  /** The newest of a series is at its end. */
  last?: Json;
  numbers?: Record<string, { min: number; max: number; mean: number }>;
  /** How often each value of a field is there, where it has few. */
  counts?: Record<string, Record<string, number>>;
}

/** An object with more keys than these is a list by name. */
const KEYS = 60;
/** A field with more values is told by those of the entries that are shown. */
const MOST_VALUES = 8;
const VALUE_CHARS = 40;

export interface Shortened {
  text: string;
  /** Not all of the value is in the text. */
  cut: boolean;
}

/** A value as JSON of at most so many characters: long lists, and objects with many keys, as their number, some entries and figures of all; long texts cut. */
export function shortenValue(value: Json, chars: number): Shortened {
  const whole = JSON.stringify(value);
  if (whole.length <= chars) return { text: whole, cut: false };
  let text = whole;
  for (const limits of STEPS) {
    text = JSON.stringify(shorten(value, limits));
    if (text.length <= chars) return { text, cut: true };
  }
  return { text: `${text.slice(0, Math.max(0, chars - 1))}…`, cut: true };
}

function shorten(value: Json, limits: Limits): Json {
  if (typeof value === 'string') return shortText(value, limits.chars);
  if (Array.isArray(value)) {
    if (value.length <= limits.entries) return value.map((item) => shorten(item, limits));
    return shortList(value, limits) as unknown as Json;
  }
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value);
  const shown = fields
    .slice(0, fields.length > KEYS ? limits.entries : KEYS)
    .map(([key, item]) => [key, shorten(item, limits)] as const);
  const first = Object.fromEntries(shown);
  if (shown.length === fields.length) return first;
  const values = Object.values(value);
  return { entries: values.length, first, ...summaryOf(values) } as Json;
}

/** Its beginning, and a quarter from its end: a log says there how it ended. */
function shortText(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const end = Math.floor(chars / 4);
  return `${text.slice(0, chars - end)}… (${text.length} characters) …${text.slice(-end)}`;
}

function shortList(list: Json[], limits: Limits): ShortList {
  return {
    entries: list.length,
    first: list.slice(0, limits.entries).map((item) => shorten(item, limits)),
    ...(limits.entries > 0 ? { last: shorten(list.at(-1) as Json, limits) } : {}),
    ...summaryOf(list),
  };
}

/** What the fields of a list's entries come to, as far as they come to anything. */
function summaryOf(list: Json[]): Pick<ShortList, 'numbers' | 'counts'> {
  const numbers = figuresOf(list);
  const counts = countsOf(list);
  return {
    ...(Object.keys(numbers).length > 0 ? { numbers } : {}),
    ...(Object.keys(counts).length > 0 ? { counts } : {}),
  };
}

/** Of each field of a list's objects that repeats a few short values, how often it has each. */
function countsOf(list: Json[]): NonNullable<ShortList['counts']> {
  const found = new Map<string, Map<string, number>>();
  for (const item of list) {
    if (item === null || typeof item !== 'object' || Array.isArray(item)) continue;
    for (const [key, value] of Object.entries(item)) {
      if (typeof value !== 'string' && typeof value !== 'boolean') continue;
      const counts = found.get(key) ?? new Map<string, number>();
      found.set(key, counts);
      // One more than may be told: then it is not told.
      if (counts.has(String(value)) || counts.size <= MOST_VALUES)
        counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    }
  }
  return Object.fromEntries(
    [...found]
      .filter(
        ([, counts]) =>
          counts.size <= Math.min(MOST_VALUES, list.length / 2) &&
          [...counts.keys()].every((value) => value.length <= VALUE_CHARS),
      )
      .map(([key, counts]) => [key, Object.fromEntries(counts)]),
  );
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
