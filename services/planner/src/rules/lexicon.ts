import type { InventoryCatalog } from '@planyard/contracts';
import { singular } from '@planyard/planning';
import type { Meaning } from './meaning.ts';
import { relationPhrases } from './relations.ts';
import * as say from './vocabulary.ts';
import { nameWords, stems, withParts } from './words.ts';

export type Lexicon = ReturnType<typeof createLexicon>;

/** Everything that a question to a catalog may say. */
export function createLexicon(catalog: InventoryCatalog) {
  const entries = new Map<string, Meaning[]>();
  // The most specific come first: what a phrase means first, stays.
  const add = (phrase: string, ...meanings: Meaning[]) => {
    if (phrase !== '' && !entries.has(phrase)) entries.set(phrase, meanings);
  };
  const addAll = (text: string, ...meanings: Meaning[]) => {
    for (const phrase of text.split(/\s+/)) add(phrase.replaceAll('_', ' '), ...meanings);
  };
  const addName = (name: string, meaning: Meaning) => {
    const phrase = nameWords(name).join(' ');
    for (const form of [phrase, singular(phrase), `${phrase}s`]) add(form, meaning);
    if (meaning.kind === 'metric') add(nameWords(name).toReversed().join(' '), meaning);
  };
  const { items, relation_types, event_types, attributes } = catalog;
  const metrics = catalog.metrics.map(({ name }) => name);
  const types = catalog.types.map(({ name }) => name);
  const fields = Object.keys(attributes);
  const numeric = fields.filter((field) => isNumeric(field, catalog));
  const metric = (metrics: string[], general = false): Meaning => ({ kind: 'metric', metrics, general });

  for (const item of items) add(nameWords(item.code).join(' '), { kind: 'item', item });
  for (const item of items) add(nameWords(item.name).join(' '), { kind: 'item', item });
  for (const name of metrics) addName(name, metric([name]));
  for (const type of event_types) addName(type, { kind: 'event', types: [type] });
  for (const type of types) addName(type, { kind: 'type', type });
  // Bare numbers and truth values stand for too many things.
  for (const field of fields)
    for (const value of attributes[field] ?? [])
      if (!/^(?:[\d.,]+|true|false|yes|no|none|null)$/i.test(value))
        addName(value, { kind: OWN_FIELDS.includes(field) ? 'value' : 'attribute', field, value });
  for (const field of fields) addName(field, { kind: 'field', field });

  for (const [kind, text] of Object.entries(say.LANGUAGE)) addAll(text, { kind } as Meaning);
  for (const [agg, text] of Object.entries(say.AGGREGATIONS)) addAll(text, { kind: 'aggregation', agg });
  addAll(say.ANY_TYPE, { kind: 'type', type: null });
  for (const { name, unit } of catalog.metrics) if (unit.length > 3) addName(unit, metric([name]));
  type Named = (names: string[], isFirst: boolean) => Meaning;
  const speak = (rows: string[][][], names: string[], meaning: Named) => {
    for (const row of rows) {
      const [says = [], parts = [], high = [], low = []] = row;
      const meant = withParts(names, parts);
      if (meant.length === 0) continue;
      for (const word of says) add(word, meaning(meant, row === rows[0]));
      // "slow", "slower than", "slowest"
      for (const [at, word] of [...high, ...low].entries())
        if (at % 3 === 0) add(word, meaning(meant, false));
        else if (at % 3 === 1)
          add(`${word} than`, meaning(meant, false), { kind: at < high.length ? 'above' : 'below' });
        else add(word, { kind: at < high.length ? 'high' : 'low' }, meaning(meant, false));
    }
  };
  speak(say.METRICS, metrics, metric);
  speak(say.EVENTS, event_types, (types) => ({ kind: 'event', types: types.sort() }));
  speak(say.FIELDS, [...OWN_FIELDS, 'type', ...numeric], ([field = '']) => ({ kind: 'field', field }));
  // The last word of a longer type, or one that says the same, where only one type has it: "hosts" for "cloud host".
  const last = (type: string) => singular(nameWords(type).at(-1) ?? '');
  for (const [says = [], products = []] of [...types.map((type) => [[last(type)]]), ...say.TYPES]) {
    const having = (words: string[]) => types.filter((type) => words.includes(last(type)));
    const [type, other] = [having(says), having(products)].find((found) => found.length > 0) ?? [];
    if (type && !other) for (const word of says) addName(word, { kind: 'type', type });
  }
  for (const [phrase, meaning] of relationPhrases(relation_types)) add(`${stems(phrase)}…`, meaning);
  // A word of a name says it alone.
  const alone = (name: string) =>
    nameWords(name).filter((word) => word.length > 3 && !/^(?:hour|day|minute|second)s?$/.test(word));
  for (const name of metrics) for (const word of alone(name)) addName(word, metric([name]));
  for (const field of fields) for (const word of alone(field)) addName(word, { kind: 'field', field });

  return {
    catalog,
    /** Words of the longest phrase. */
    longest: Math.max(...[...entries.keys()].map((phrase) => phrase.split(' ').length)),
    units: new Set([...say.UNITS, ...numeric.flatMap(nameWords)]),
    /** What a phrase in lower case means; null where nothing is called so. */
    find: (phrase: string): Meaning[] | null =>
      entries.get(phrase) ?? entries.get(singular(phrase)) ?? entries.get(`${stems(phrase)}…`) ?? null,
  };
}

/** Fields that every item has. */
const OWN_FIELDS = ['owner', 'environment', 'status'];

/** An attribute whose values are numbers. */
export function isNumeric(field: string, { attributes }: InventoryCatalog): boolean {
  const values = attributes[field] ?? [];
  return values.length > 0 && values.every((value) => /^-?\d+(?:\.\d+)?$/.test(value));
}
