import type { InventoryCatalog } from '@planyard/contracts';
import { singular } from '@planyard/planning';
import {
  ADJECTIVES,
  ANY_TYPE,
  EVENT_WORDS,
  FIELD_WORDS,
  GLUE_WORDS,
  METRIC_WORDS,
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
  | { kind: 'metric'; metric: string }
  | { kind: 'event'; types: string[] };

export interface Lexicon {
  catalog: InventoryCatalog;
  /** The meaning of words in lower case; of several the most specific. */
  find(words: string[]): Meaning | null;
  /** Names that a mistyped word may stand for, each with its meaning. */
  names: { text: string; meaning: Meaning }[];
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
  let longest = 1;

  function add(words: string[], meaning: Meaning, isName = true): void {
    if (words.length === 0) return;
    const key = words.join(' ');
    if (entries.has(key)) return;
    entries.set(key, meaning);
    longest = Math.max(longest, words.length);
    if (isName) names.push({ text: key, meaning });
  }

  // The most specific come first: the first meaning of a phrase stays.
  for (const item of catalog.items) add(nameWords(item.code), { kind: 'item', item });
  for (const item of catalog.items) add(nameWords(item.name), { kind: 'item', item });
  for (const { name } of catalog.metrics) {
    const words = nameWords(name);
    add(words, { kind: 'metric', metric: name });
    if (words.length > 1 && words.length < 4) add([...words].reverse(), { kind: 'metric', metric: name });
  }
  for (const type of catalog.event_types) {
    const words = nameWords(type);
    add(words, { kind: 'event', types: [type] });
    add(singularLast(words), { kind: 'event', types: [type] });
  }
  for (const { name } of catalog.types) {
    const words = nameWords(name);
    add(words, { kind: 'type', type: name });
    add(singularLast(words), { kind: 'type', type: name });
  }
  for (const [field, values] of Object.entries(catalog.attributes))
    for (const value of values) {
      // Bare numbers and truth values stand for too many things.
      if (/^(?:[\d.,]+|true|false|yes|no|none|null)$/i.test(value)) continue;
      const words = nameWords(value);
      add(words, { kind: 'value', field, value });
      if (words.length === 2) add([...words].reverse(), { kind: 'value', field, value });
    }
  for (const field of Object.keys(catalog.attributes)) {
    add(nameWords(field), { kind: 'field', field });
    add(singularLast(nameWords(field)), { kind: 'field', field }, false);
  }
  addSynonyms(
    catalog,
    (word, meaning) => add([word], meaning, false),
    (word) => entries.has(word),
  );
  return {
    catalog,
    find: (words) => entries.get(words.join(' ')) ?? entries.get(singularLast(words).join(' ')) ?? null,
    names,
    longest,
    units: new Set([
      ...UNIT_WORDS,
      ...catalog.metrics.map(({ unit }) => unit.toLowerCase()),
      ...Object.keys(catalog.attributes)
        .filter((field) => isNumeric(field, catalog))
        .flatMap(nameWords),
    ]),
    relation_words: new Set(catalog.relation_types.flatMap(nameWords)),
  };
}

function addSynonyms(
  catalog: InventoryCatalog,
  add: (word: string, meaning: Meaning) => void,
  has: (word: string) => boolean,
): void {
  // The last word of a longer type or of a team's name, where only one has it: "hosts" for "cloud host".
  for (const { name } of catalog.types) {
    const last = singular(nameWords(name).at(-1) ?? '');
    if (
      last &&
      catalog.types.filter((type) => singular(nameWords(type.name).at(-1) ?? '') === last).length === 1
    )
      add(last, { kind: 'type', type: name });
  }
  for (const [word, parts] of wordsAndParts(METRIC_WORDS)) {
    const metric = bestByParts(
      catalog.metrics.map((each) => each.name),
      parts,
    );
    if (metric) add(word, { kind: 'metric', metric });
  }
  for (const [word, parts] of wordsAndParts(EVENT_WORDS)) {
    const types = catalog.event_types.filter((type) =>
      parts.some((part) => type.toLowerCase().includes(part)),
    );
    if (types.length > 0) add(word, { kind: 'event', types });
  }
  // What an event's name says is done is told by its verb, too: "calibrated" for "calibration".
  for (const type of catalog.event_types)
    for (const form of verbForms(type))
      if (!GLUE_WORDS.has(form)) add(form, { kind: 'event', types: [type] });
  const numeric = Object.keys(catalog.attributes).filter((field) => isNumeric(field, catalog));
  for (const [word, parts] of wordsAndParts(ADJECTIVES)) {
    const fields = numeric.filter((field) => nameWords(field).some((each) => parts.includes(each)));
    if (fields.length > 0) add(word, { kind: 'adjective', fields });
  }
  for (const group of TYPE_WORDS) {
    const type = catalog.types.find((each) => group.includes(singular(nameWords(each.name).at(-1) ?? '')));
    if (type)
      for (const word of group)
        if (!has(word)) for (const form of [word, `${word}s`]) add(form, { kind: 'type', type: type.name });
  }
  // A metric may be called by any of its words that no other has, and that says nothing else: no "hour".
  for (const { name } of catalog.metrics)
    for (const word of nameWords(name))
      if (
        word.length > 3 &&
        !GLUE_WORDS.has(word) &&
        catalog.metrics.filter((each) => nameWords(each.name).includes(word)).length === 1
      )
        for (const form of [word, stem(word)]) add(form, { kind: 'metric', metric: name });
  for (const [field, words] of Object.entries(FIELD_WORDS))
    for (const word of words) add(word, { kind: 'field', field });
  for (const field of Object.keys(catalog.attributes))
    for (const word of nameWords(field))
      if (word.length > 3 && !GLUE_WORDS.has(word)) add(word, { kind: 'field', field });
  for (const word of ANY_TYPE) add(word, { kind: 'type', type: null });
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

/** The first part that some name has decides; the shortest such name is meant. */
function bestByParts(names: string[], parts: string[]): string | undefined {
  for (const part of parts) {
    const having = names.filter((name) => nameWords(name).some((word) => word.startsWith(part)));
    if (having.length > 0) return having.sort((a, b) => a.length - b.length)[0];
  }
  return undefined;
}

function wordsAndParts(table: { words: string[]; parts: string[] }[]): [string, string[]][] {
  return table.flatMap(({ words, parts }) => words.map((word): [string, string[]] => [word, parts]));
}

function singularLast(words: string[]): string[] {
  return [...words.slice(0, -1), singular(words.at(-1) ?? '')];
}
