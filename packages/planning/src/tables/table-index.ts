import { setImmediate } from 'node:timers/promises';
import type { CatalogTable, TableCatalog } from '@planyard/contracts';
import {
  conceptsOf,
  countTerms,
  createPostings,
  type RelatedWords,
  type TermCounts,
} from '../tools/lexical-scores.ts';
import { termsOf } from '../tools/terms.ts';
import { createVocabulary } from '../tools/vocabulary.ts';

/** A table, and the source that it is of. */
export interface SourceTable {
  source: string;
  table: CatalogTable;
}

/** How well each table of some catalogs fits a question. */
export interface TableIndex {
  readonly tables: readonly SourceTable[];
  /** One number for each table, in the order of `tables`: 0 for one that shares nothing with the question. */
  scores(question: string): Float64Array;
  /** Whether a text holds a word of the question, or one that means nearly the same. */
  matcher(question: string): (text: string) => boolean;
}

/** How much a word counts by where it stands. */
const FIELDS = {
  name: 3,
  schema: 0.8,
  comment: 1.5,
  columns: 1,
  column_comments: 0.6,
  values: 0.7,
};
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
  const texts: TermCounts[] = [];
  for (const [at, { table }] of tables.entries()) {
    texts.push(countTerms(textOfTable(table), FIELDS, terms));
    if (at % AT_ONCE === AT_ONCE - 1) await setImmediate();
  }
  const vocabulary = createVocabulary(texts.flatMap((text) => [...text.keys()]));
  await setImmediate();
  const score = createPostings(texts);
  return {
    tables,
    scores: (question) => score(conceptsOf(question, related, vocabulary)),
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

function textOfTable(table: CatalogTable): Record<keyof typeof FIELDS, string> {
  const { columns } = table;
  return {
    name: table.name,
    schema: table.schema,
    comment: table.comment ?? '',
    columns: columns.map(({ name }) => name).join(' '),
    column_comments: columns.map(({ comment }) => comment ?? '').join(' '),
    values: columns.flatMap(({ values }) => values ?? []).join(' '),
  };
}

/** The same few words stand in most tables; to stem is what takes time. */
function rememberTerms(): (text: string) => string[] {
  const known = new Map<string, string[]>();
  return (text) =>
    text.split(/\s+/).flatMap((word) => {
      let terms = known.get(word);
      if (!terms) {
        terms = termsOf(word);
        known.set(word, terms);
      }
      return terms;
    });
}
