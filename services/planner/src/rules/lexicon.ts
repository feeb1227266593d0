import type { InventoryCatalog } from '@planyard/contracts';
import { singular } from '@planyard/planning';
import {
  ADJECTIVES,
  ANY_TYPE,
  EMPTY_WORDS,
  EVENT_WORDS,
  FIELD_WORDS,
  METRIC_WORDS,
  ROLES,
  stem,
  TYPE_WORDS,
  UNIT_WORDS,
} from './vocabulary.ts';

export type NamedItem = InventoryCatalog['items'][number];

/** What a word or phrase of a question stands for in the catalog. */
export type Meaning =
  | { kind: 'item'; item: NamedItem }
  /** null: items of any type. */
  | { kind: 'type'; type: string | null }
  | { kind: 'value'; field: string; value: string }
  /** A field to group by, or a numeric one to add up. */
  | { kind: 'field'; field: string }
  /** "large": has much or little of a numeric field. */
  | { kind: 'adjective'; fields: string[] }
  /** A metric by its name, or those that a word such as "loaded" may mean, the best first. */
  | { kind: 'metric'; metrics: string[] }
  | { kind: 'event'; types: string[] }
  /** "not in production", "without an owner", "except db-01". */
  | { kind: 'except'; field: string; value?: string };

export interface Lexicon {
  catalog: InventoryCatalog;
  /** The meaning of words in lower case; of several the most specific. */
  find(words: string[]): Meaning | null;
  /** Names that a mistyped word may stand for: their words, what they mean, and how the catalog writes them. */
  names: { text: string; meaning: Meaning; as: string }[];
  longest: number;
  /** Units of metrics, and words of numeric attributes, which hold theirs: "size_gb". */
  units: ReadonlySet<string>;
  /** Words of the relations' names: "images" in "sends_images_to". */
  relation_words: ReadonlySet<string>;
}

/** Splits names as people write them: "orders-db", "orders_db", "ordersDb" and "Orders DB" are the same words. */
export function nameWords(name: string): string[] {
  return (
    name
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Everything of a catalog that a question may name. */
export function createLexicon(catalog: InventoryCatalog): Lexicon {
  const entries = new Map<string, Meaning>();
  const names: Lexicon['names'] = [];

  // The most specific come first: the first meaning of a phrase stays.
  function add(words: string[], meaning: Meaning, as?: string): void {
    const key = words.join(' ');
    if (key === '' || entries.has(key)) return;
    entries.set(key, meaning);
    if (as !== undefined) names.push({ text: key, meaning, as });
  }
  const metricNames = catalog.metrics.map(({ name }) => name);
  const fields = Object.keys(catalog.attributes);
  const numeric = fields.filter((field) => isNumeric(field, catalog));

  for (const item of catalog.items) add(nameWords(item.code), { kind: 'item', item }, item.code);
  for (const item of catalog.items) add(nameWords(item.name), { kind: 'item', item }, item.code);
  for (const name of metricNames)
    for (const words of [nameWords(name), nameWords(name).reverse()])
      add(words, { kind: 'metric', metrics: [name] }, name);
  for (const type of catalog.event_types)
    for (const words of numbers(type)) add(words, { kind: 'event', types: [type] }, type);
  for (const { name } of catalog.types)
    for (const words of numbers(name)) add(words, { kind: 'type', type: name }, name);
  for (const [field, values] of Object.entries(catalog.attributes))
    for (const value of values) {
      // Bare numbers and truth values stand for too many things.
      if (/^(?:[\d.,]+|true|false|yes|no|none|null)$/i.test(value)) continue;
      const words = nameWords(value);
      add(words, { kind: 'value', field, value }, value);
      if (words.length === 2) add([...words].reverse(), { kind: 'value', field, value }, value);
    }
  for (const field of fields) {
    add(nameWords(field), { kind: 'field', field }, field);
    add(singularLast(nameWords(field)), { kind: 'field', field });
  }

  // What follows are words for what the catalog calls otherwise. First the last word of a longer type, where only one has it: "hosts" for "cloud host".
  const lastWords = catalog.types.map(({ name }) => singular(nameWords(name).at(-1) ?? ''));
  for (const [at, { name }] of catalog.types.entries())
    if (lastWords.indexOf(lastWords[at] as string) === lastWords.lastIndexOf(lastWords[at] as string))
      add([lastWords[at] as string], { kind: 'type', type: name });
  for (const { words, parts } of METRIC_WORDS)
    for (const word of words) {
      // "more than 1000 messages": a unit speaks of what is counted in it.
      const counted = catalog.metrics.filter(({ unit }) => unit.toLowerCase() === word);
      const metrics = [...new Set([...counted.map(({ name }) => name), ...byParts(metricNames, parts)])];
      if (metrics.length > 0) add([word], { kind: 'metric', metrics });
    }
  for (const { words, parts } of EVENT_WORDS) {
    const types = catalog.event_types.filter((type) =>
      parts.some((part) => type.toLowerCase().includes(part)),
    );
    if (types.length > 0) for (const word of words) add([word], { kind: 'event', types });
  }
  // What an event's name says is done is told by its verb, too: "calibrated" for "calibration".
  for (const type of catalog.event_types)
    for (const form of verbForms(type)) if (isFree(form)) add([form], { kind: 'event', types: [type] });
  for (const { words, parts } of ADJECTIVES) {
    const spoken = numeric.filter((field) => nameWords(field).some((each) => parts.includes(each)));
    if (spoken.length > 0) for (const word of words) add([word], { kind: 'adjective', fields: spoken });
  }
  for (const { words, parts } of TYPE_WORDS) {
    const products = lastWords.filter((word) => parts.some((part) => singular(part) === word));
    const said =
      lastWords.find((word) => words.includes(word)) ?? (products.length === 1 ? products[0] : undefined);
    const type = catalog.types.find((_, at) => said !== undefined && lastWords[at] === said)?.name;
    if (type)
      for (const word of words)
        if (!entries.has(word)) for (const form of [word, `${word}s`]) add([form], { kind: 'type', type });
  }
  // A metric may be called by any of its words that no other has, and that says nothing else: no "hour".
  for (const name of metricNames)
    for (const word of nameWords(name))
      if (
        word.length > 3 &&
        isFree(word) &&
        metricNames.filter((each) => nameWords(each).includes(word)).length === 1
      )
        for (const form of [word, stem(word)]) add([form], { kind: 'metric', metrics: [name] });
  for (const [field, words] of Object.entries(FIELD_WORDS))
    for (const word of words) add([word], { kind: 'field', field });
  for (const field of fields)
    for (const word of nameWords(field))
      if (word.length > 3 && isFree(word)) add([word], { kind: 'field', field });
  for (const word of ANY_TYPE) add([word], { kind: 'type', type: null });

  return {
    catalog,
    find: (words) => entries.get(words.join(' ')) ?? entries.get(singularLast(words).join(' ')) ?? null,
    names,
    longest: Math.max(1, ...names.map(({ text }) => text.split(' ').length)),
    units: new Set([
      ...UNIT_WORDS,
      ...catalog.metrics.flatMap(({ unit }) => (unit === '' ? [] : [unit.toLowerCase()])),
      ...numeric.flatMap(nameWords),
    ]),
    relation_words: new Set(catalog.relation_types.flatMap(nameWords)),
  };
}

/** Whether a word says nothing yet in a question. */
function isFree(word: string): boolean {
  return !EMPTY_WORDS.has(word) && !ROLES.has(word);
}

/** "calibration" → "calibrate", "calibrated", "calibrating"; none of a name of several words. */
function verbForms(type: string): string[] {
  const root = /^([a-z]{4,}?)(?:ment|ance|ation|ion|ure|al|e)?$/i.exec(type)?.[1]?.toLowerCase();
  const roots = [root, type.toLowerCase().replace(/ion$/, '')];
  return roots.flatMap((each) =>
    each && /^[a-z]{4,}$/.test(each) ? ['', 'e', 's', 'ed', 'ing'].map((ending) => `${each}${ending}`) : [],
  );
}

/** An attribute whose values are numbers. */
export function isNumeric(field: string, { attributes }: InventoryCatalog): boolean {
  const values = attributes[field] ?? [];
  return values.length > 0 && values.every((value) => /^-?\d+(?:\.\d+)?$/.test(value));
}

/** The shortest name that has each part, in the order of the parts. */
function byParts(names: string[], parts: string[]): string[] {
  const found = parts.flatMap((part) =>
    names
      .filter((name) => nameWords(name).some((word) => word.startsWith(part)))
      .sort((a, b) => a.length - b.length)
      .slice(0, 1),
  );
  return [...new Set(found)];
}

/** A name, also in the singular and the plural. */
function numbers(name: string): string[][] {
  const words = nameWords(name);
  return [words, singularLast(words), [...words.slice(0, -1), `${words.at(-1)}s`]];
}

function singularLast(words: string[]): string[] {
  return [...words.slice(0, -1), singular(words.at(-1) ?? '')];
}
