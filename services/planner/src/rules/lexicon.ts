import type { InventoryCatalog } from '@planyard/contracts';
import { singular, wordsOf } from '@planyard/planning';
import { ANY_TYPE, FIELD_WORDS, ROLES, SYNONYMS, stem, UNIT_WORDS } from './vocabulary.ts';

export type NamedItem = InventoryCatalog['items'][number];

/** What a word or phrase of a question stands for in the catalog; of several the best first. */
export type Meaning =
  | { kind: 'item'; item: NamedItem }
  /** null: items of any type. */
  | { kind: 'type'; type: string | null }
  | { kind: 'value'; field: string; value: string }
  /** To group by or, where they are numeric, to compare and add up. */
  | { kind: 'field'; fields: string[] }
  | { kind: 'metric'; metrics: string[] }
  | { kind: 'event'; types: string[] }
  /** "not in production", "without an owner", "except db-01". */
  | { kind: 'except'; field: string; value?: string }
  /** "above 80 %", "at least 5". */
  | { kind: 'bound'; side: 'above' | 'below'; number: number; inclusive: boolean; unit: string };

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
  return wordsOf(name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'));
}

/** Everything of a catalog that a question may name. */
export function createLexicon(catalog: InventoryCatalog): Lexicon {
  const entries = new Map<string, Meaning>();
  const names: Lexicon['names'] = [];
  // The most specific come first: the first meaning of a phrase stays.
  const add = (words: string[], meaning: Meaning, as?: string) => {
    const text = words.join(' ');
    if (text === '' || entries.has(text)) return;
    entries.set(text, meaning);
    if (as !== undefined) names.push({ text, meaning, as });
  };
  const metrics = catalog.metrics.map(({ name }) => name);
  const events = catalog.event_types;
  const types = catalog.types.map(({ name }) => name);
  const fields = Object.keys(catalog.attributes);
  const numeric = fields.filter((field) => isNumeric(field, catalog));
  const metric = (...metrics: string[]): Meaning => ({ kind: 'metric', metrics });
  const event = (...types: string[]): Meaning => ({ kind: 'event', types: types.sort() });
  const field = (...fields: string[]): Meaning => ({ kind: 'field', fields });

  for (const item of catalog.items) add(nameWords(item.code), { kind: 'item', item }, item.code);
  for (const item of catalog.items) add(nameWords(item.name), { kind: 'item', item }, item.code);
  const named: [string, Meaning][] = [
    ...metrics.map((name): [string, Meaning] => [name, metric(name)]),
    ...events.map((name): [string, Meaning] => [name, event(name)]),
    ...types.map((name): [string, Meaning] => [name, { kind: 'type', type: name }]),
    ...fields.flatMap((field) => valuesOf(field, catalog)),
    ...fields.map((name): [string, Meaning] => [name, field(name)]),
  ];
  for (const [name, meaning] of named) {
    const words = nameWords(name);
    for (const form of [words, singularLast(words), [`${words.join(' ')}s`], words.toReversed()])
      add(form, meaning, name);
  }

  // What follows are words for what the catalog calls otherwise. First what is counted: "messages".
  for (const { name, unit } of catalog.metrics)
    if (!UNIT_WORDS.includes(unit.toLowerCase())) addAlone(unit.toLowerCase(), metric(name));
  // The last word of a longer type, or a word that says the same, where only one has it: "hosts" for "cloud host".
  const lastWords = types.map((type) => singular(nameWords(type).at(-1) ?? ''));
  const typesOf = (words: string[]) => types.filter((_, at) => words.includes(lastWords[at] ?? ''));
  const rows = [...lastWords.map((word) => ({ words: [word], parts: [] })), ...SYNONYMS.type];
  for (const { words, parts } of rows) {
    const [type, other] = [typesOf(words), typesOf(parts)].find((found) => found.length > 0) ?? [];
    for (const word of words)
      if (type && !other && !entries.has(word))
        for (const form of [word, `${word}s`]) add([form], { kind: 'type', type });
  }
  const speak = (
    kind: 'metric' | 'event' | 'field',
    names: string[],
    meaning: (...names: string[]) => Meaning,
  ) => {
    for (const { words, parts } of SYNONYMS[kind]) {
      const meant = withParts(names, parts);
      for (const word of words) if (meant.length > 0) add([word], meaning(...meant));
    }
  };
  speak('metric', metrics, metric);
  speak('event', events, event);
  speak('field', numeric, field);
  // What an event's name says is done is told by its verb, too: "calibrated" for "calibration".
  for (const type of events)
    for (const ending of [/(?:ment|ance|ion|ure|al)$/, /ation$/])
      add([stemKey(type.replace(ending, ''))], event(type));
  /** A word of a name says it alone where it says nothing else: no "hour". */
  function addAlone(word: string, meaning: Meaning) {
    if (word.length > 3 && !ROLES.has(word)) add([word], meaning);
  }
  for (const name of metrics)
    for (const word of nameWords(name))
      if (metrics.filter((each) => nameWords(each).includes(word)).length === 1)
        for (const form of [word, singular(word)]) addAlone(form, metric(name));
  for (const [name, words] of Object.entries(FIELD_WORDS)) for (const word of words) add([word], field(name));
  for (const name of fields) for (const word of nameWords(name)) addAlone(word, field(name));
  for (const word of ANY_TYPE) add([word], { kind: 'type', type: null });

  return {
    catalog,
    find: (words) => {
      const found = entries.get(words.join(' ')) ?? entries.get(singularLast(words).join(' '));
      const isVerb = words.length === 1 && !ROLES.has(words[0] as string);
      return found ?? (isVerb ? entries.get(stemKey(words[0] as string)) : null) ?? null;
    },
    names,
    longest: Math.max(1, ...names.map(({ text }) => text.split(' ').length)),
    units: new Set(
      [
        ...UNIT_WORDS,
        ...catalog.metrics.map(({ unit }) => unit.toLowerCase()),
        ...numeric.flatMap(nameWords),
      ].filter(Boolean),
    ),
    relation_words: new Set(catalog.relation_types.flatMap(nameWords)),
  };
}

/** The values of a field; bare numbers and truth values stand for too many things. */
function valuesOf(field: string, { attributes }: InventoryCatalog): [string, Meaning][] {
  return (attributes[field] ?? [])
    .filter((value) => !/^(?:[\d.,]+|true|false|yes|no|none|null)$/i.test(value))
    .map((value) => [value, { kind: 'value', field, value }]);
}

const stemKey = (word: string) => `${stem(word)}…`;

/** An attribute whose values are numbers. */
export function isNumeric(field: string, { attributes }: InventoryCatalog): boolean {
  const values = attributes[field] ?? [];
  return values.length > 0 && values.every((value) => /^-?\d+(?:\.\d+)?$/.test(value));
}

/** The names with a word that begins with one of the parts, in the order of the parts, the shortest first. */
function withParts(names: string[], parts: string[]): string[] {
  const found = parts.flatMap((part) =>
    names
      .filter((name) => nameWords(name).some((word) => word.startsWith(part)))
      .sort((a, b) => a.length - b.length),
  );
  return [...new Set(found)];
}

function singularLast(words: string[]): string[] {
  return [...words.slice(0, -1), singular(words.at(-1) ?? '')];
}
