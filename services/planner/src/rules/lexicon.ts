import type { InventoryCatalog } from '@planyard/contracts';
import { singular, wordsOf } from '@planyard/planning';
import { ANY_TYPE, ROLES, SYNONYMS, stem, UNIT_WORDS } from './vocabulary.ts';

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

export type MeaningOf<K extends Meaning['kind']> = Extract<Meaning, { kind: K }>;

export type Lexicon = ReturnType<typeof createLexicon>;

/** Splits names as people write them: "orders-db", "orders_db", "ordersDb" and "Orders DB" are the same words. */
export function nameWords(name: string): string[] {
  return wordsOf(name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'));
}

/** Everything of a catalog that a question may name. */
export function createLexicon(catalog: InventoryCatalog) {
  const entries = new Map<string, Meaning>();
  let longest = 1;
  // The most specific come first: the first meaning of a phrase stays.
  const add = (words: string[], meaning: Meaning) => {
    const text = words.join(' ');
    if (text !== '' && !entries.has(text)) entries.set(text, meaning);
    longest = Math.max(longest, words.length);
  };
  /** A name in the singular and the plural, and "usage of memory"; "store data" is no data store. */
  const addName = (name: string, meaning: Meaning) => {
    const words = nameWords(name);
    for (const form of [words, singularLast(words), [`${words.join(' ')}s`]]) add(form, meaning);
    if (meaning.kind === 'metric' || meaning.kind === 'value') add(words.toReversed(), meaning);
  };
  /** A word of a name says it alone where it says nothing else: no "hour". */
  const addAlone = (word: string, meaning: Meaning) => {
    if (word.length > 3 && !ROLES.has(word)) add([word], meaning);
  };
  const metrics = catalog.metrics.map(({ name }) => name);
  const events = catalog.event_types;
  const types = catalog.types.map(({ name }) => name);
  const fields = Object.keys(catalog.attributes);
  const numeric = fields.filter((field) => isNumeric(field, catalog));
  const metric = (...metrics: string[]): Meaning => ({ kind: 'metric', metrics });
  const event = (...types: string[]): Meaning => ({ kind: 'event', types: types.sort() });
  const field = (...fields: string[]): Meaning => ({ kind: 'field', fields });

  for (const item of catalog.items) add(nameWords(item.code), { kind: 'item', item });
  for (const item of catalog.items) add(nameWords(item.name), { kind: 'item', item });
  for (const name of metrics) addName(name, metric(name));
  for (const type of events) addName(type, event(type));
  for (const type of types) addName(type, { kind: 'type', type });
  // Bare numbers and truth values stand for too many things.
  for (const field of fields)
    for (const value of catalog.attributes[field] ?? [])
      if (!/^(?:[\d.,]+|true|false|yes|no|none|null)$/i.test(value))
        addName(value, { kind: 'value', field, value });
  for (const name of fields) addName(name, field(name));

  // What follows are words for what the catalog calls otherwise. First what is counted: "messages".
  const units = catalog.metrics.map(({ unit }) => unit.toLowerCase());
  for (const [at, unit] of units.entries())
    if (!UNIT_WORDS.includes(unit)) addAlone(unit, metric(metrics[at] ?? ''));
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
  const speak = (rows: typeof SYNONYMS.type, names: string[], meaning: (...names: string[]) => Meaning) => {
    for (const { words, parts } of rows) {
      const meant = withParts(names, parts);
      for (const word of words) if (meant.length > 0) add([word], meaning(...meant));
    }
  };
  speak(SYNONYMS.metric, metrics, metric);
  speak(SYNONYMS.event, events, event);
  speak(SYNONYMS.field, ['owner', 'environment', 'status', 'type', ...numeric], field);
  // What an event's name says is done is told by its verb, too: "calibrated" for "calibration".
  for (const type of events)
    for (const ending of [/(?:ment|ance|ion|ure|al)$/, /ation$/])
      add([stemKey(type.replace(ending, ''))], event(type));
  for (const name of metrics)
    for (const word of nameWords(name))
      if (metrics.filter((each) => nameWords(each).includes(word)).length === 1)
        for (const form of [word, singular(word)]) addAlone(form, metric(name));
  for (const name of fields) for (const word of nameWords(name)) addAlone(word, field(name));
  for (const word of ANY_TYPE) add([word], { kind: 'type', type: null });

  return {
    catalog,
    /** The meaning of words in lower case; of several the most specific. */
    find(words: string[]): Meaning | null {
      const found = entries.get(words.join(' ')) ?? entries.get(singularLast(words).join(' '));
      const isVerb = words.length === 1 && !ROLES.has(words[0] as string);
      return found ?? (isVerb ? entries.get(stemKey(words[0] as string)) : null) ?? null;
    },
    /** Words of the longest name. */
    longest,
    /** Units of metrics, and words of numeric attributes, which hold theirs: "size_gb". */
    units: new Set([...UNIT_WORDS, ...units, ...numeric.flatMap(nameWords)].filter(Boolean)),
    /** Of words of the relations' names: "images" in "sends_images_to". */
    relation_stems: new Set(catalog.relation_types.flatMap(nameWords).map(stem)),
  };
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
