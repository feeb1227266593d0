import { setImmediate } from 'node:timers/promises';
import type { CatalogTable, TableCatalog } from '@planyard/contracts';
import {
  conceptsOf,
  countTerms,
  createPostings,
  type FieldTerms,
  type RelatedWords,
} from '../tools/lexical-scores.ts';
import { rememberTerms, stemsOf, termsOf } from '../tools/terms.ts';
import { createVocabulary } from '../tools/vocabulary.ts';

/** A table, and the source that it is of. */
export interface SourceTable {
  source: string;
  table: CatalogTable;
}

/** How well each table of some catalogs fits a question. */
export interface TableIndex {
  readonly tables: readonly SourceTable[];
  /** For each table a name that it shares with those whose names begin with the same table's. */
  readonly families: readonly string[];
  /** One number for each table, in the order of `tables`: 0 for one that shares nothing with the question. */
  scores(question: string): Float64Array;
  /** Whether a text holds a word of the question, or one that means nearly the same. */
  matcher(question: string): (text: string) => boolean;
}

/** A wide table is no less what is asked about than a narrow one. */
const FIELDS = {
  name: { weight: 3, shared: 0.3 },
  schema: { weight: 0.8, shared: 0.3 },
  comment: { weight: 1.5, shared: 0 },
  columns: { weight: 1, shared: 0 },
  column_comments: { weight: 0.6, shared: 0 },
  values: { weight: 0.7, shared: 0 },
};
const REFERRED = 0.05;
const MOST_REFERRED = 0.2;
const DESCRIBED = 1.1;
const BESIDE = 0.85;
/** Tables between two turns of the event loop. */
const AT_ONCE = 20;
/** Words of this weight and more are told as the question's own. */
const LEAST_RELATED = 0.4;

/** A lexical index over the tables of catalogs, made in pieces so that nothing else of the process waits for it. */
export async function createTableIndex(
  catalogs: readonly TableCatalog[],
  related: RelatedWords,
): Promise<TableIndex> {
  const tables = catalogs.flatMap((catalog) =>
    catalog.tables.map((table) => ({ source: catalog.source, table })),
  );
  const terms = rememberTerms();
  const found: FieldTerms<keyof typeof FIELDS>[] = [];
  for (const [at, { table }] of tables.entries()) {
    found.push(termsOfTable(table, terms));
    if (at % AT_ONCE === AT_ONCE - 1) await setImmediate();
  }
  const texts = countTerms(found, FIELDS);
  const vocabulary = createVocabulary(texts.flatMap((text) => [...text.keys()]));
  await setImmediate();
  const score = createPostings(texts);
  const families = familiesOf(tables);
  const standing = standingOf(tables, families);
  return {
    tables,
    families,
    scores: (question) =>
      score(conceptsOf(question, related, vocabulary)).map((each, at) => each * (standing[at] as number)),
    matcher(question) {
      const words = new Set(
        conceptsOf(question, related, vocabulary)
          .flat()
          .filter(([, weight]) => weight >= LEAST_RELATED)
          .map(([stem]) => stem),
      );
      return (text) => termsOf(text).some((term) => words.has(term));
    },
  };
}

/** What a table counts beside the words in it: more where others refer to it or somebody has described it, less for a `lease_history` beside `leases`. */
function standingOf(tables: readonly SourceTable[], families: readonly string[]): number[] {
  const referred = new Map<string, number>();
  for (const { source, table } of tables)
    for (const { schema, table: other } of table.foreign_keys) {
      const name = keyOf(source, schema, other);
      referred.set(name, (referred.get(name) ?? 0) + 1);
    }
  return tables.map(({ source, table: { schema, name, comment } }, at) => {
    const times = referred.get(keyOf(source, schema, name)) ?? 0;
    return (
      (1 + Math.min(MOST_REFERRED, REFERRED * Math.log2(1 + times))) *
      (comment ? DESCRIBED : 1) *
      (families[at] === familyName(source, schema, stemsOf(name)) ? 1 : BESIDE)
    );
  });
}

/** For each table the shortest of the tables that its name begins with, or itself: `lease_history` belongs to `leases`. */
function familiesOf(tables: readonly SourceTable[]): string[] {
  const names = new Set(
    tables.map(({ source, table }) => familyName(source, table.schema, stemsOf(table.name))),
  );
  return tables.map(({ source, table: { schema, name } }) => {
    const words = stemsOf(name);
    const sizes = words.map((_, at) => at + 1);
    const size = sizes.find((each) => names.has(familyName(source, schema, words.slice(0, each))));
    return familyName(source, schema, words.slice(0, size));
  });
}

function familyName(source: string, schema: string, stems: readonly string[]): string {
  return keyOf(source, schema, stems.join(' '));
}

function keyOf(...parts: string[]): string {
  return JSON.stringify(parts);
}

function termsOfTable(
  table: CatalogTable,
  terms: (text: string) => string[],
): FieldTerms<keyof typeof FIELDS> {
  const { columns } = table;
  return {
    name: terms(table.name),
    schema: terms(table.schema),
    comment: terms(table.comment ?? ''),
    columns: columns.flatMap(({ name }) => terms(name)),
    column_comments: columns.flatMap(({ comment }) => terms(comment ?? '')),
    values: columns.flatMap(({ values }) => (values ?? []).flatMap(terms)),
  };
}
