import type { CatalogTable, TableCatalog } from '@planyard/contracts';
import type { CountTokens } from '../tools/choose-tools.ts';
import type { RelatedWords } from '../tools/lexical-scores.ts';
import { joinsOf } from './join-partners.ts';
import { privacyOf } from './privacy-of-tables.ts';
import { createTableIndex, type SourceTable, type TableIndex } from './table-index.ts';
import { lineOfTable, type TableDetail } from './table-line.ts';

export interface ChosenTables {
  /** A heading for each source, below it a line for each of its tables. */
  text: string;
  /** What is not shown, a line for each source. */
  left_out: string[];
  tables: SourceTable[];
  /** What of these tables must not be told, in few words; empty where nothing is. */
  privacy: string;
  tokens: number;
}

export interface TableDigester {
  /** The tables that fit the question, and those that they are joined with, within a number of tokens; all where all fit. */
  choose(catalogs: readonly TableCatalog[], question: string, tokens: number): Promise<ChosenTables>;
}

/** Catalogs that agents see together. */
const KEPT = 8;
/** A table that fits the question this much worse than the best does not matter. */
const LEAST_SHARE = 0.25;
const MOST_FITTING = 24;
/** `order_items`, `order_history` and whatever else there is beside `orders`. */
const MOST_OF_FAMILY = 4;
const FULL = 4;
const BRIEF = 10;
/** More tables than these are not tried all. */
const FEW = 60;
/** Schemas named of those that are left out. */
const SCHEMAS = 12;

/** Keeps the index of what it was asked about last. */
export function createTableDigester(count: CountTokens, related: () => RelatedWords): TableDigester {
  let kept: { catalogs: readonly TableCatalog[]; index: Promise<TableIndex> }[] = [];

  function indexOf(catalogs: readonly TableCatalog[]): Promise<TableIndex> {
    const known = kept.find((each) => sameCatalogs(each.catalogs, catalogs));
    const entry = known ?? { catalogs, index: createTableIndex(catalogs, related()) };
    kept = [entry, ...kept.filter((other) => other !== entry)].slice(0, KEPT);
    entry.index.catch(() => {
      kept = kept.filter((other) => other !== entry);
    });
    return entry.index;
  }

  return {
    async choose(catalogs, question, tokens) {
      const index = await indexOf(catalogs);
      const fits = index.matcher(question);
      const lines = new Map<SourceTable, string>();
      const heads = await count(catalogs.map((catalog) => `${headingOf(catalog)}\n\n`).join(''));
      let left = tokens - heads;

      /** Shows a table in the first of these details that fits; false where none does. */
      const take = async (each: SourceTable, details: readonly TableDetail[]): Promise<boolean> => {
        for (const detail of details) {
          const line = lineOfTable(each.table, detail, fits);
          // The line break that follows is a token of its own at most.
          const cost = (await count(line)) + 1;
          if (cost > left) continue;
          left -= cost;
          lines.set(each, line);
          return true;
        }
        return false;
      };
      const takeAll = async () => {
        for (const each of index.tables) if (!(await take(each, ['full']))) return false;
        return true;
      };

      if (index.tables.length > FEW || !(await takeAll())) {
        lines.clear();
        left = tokens - heads - (await count(leftOut(catalogs, new Set()).join('; ')));
        for (const { each, joined, place } of joinsOf(index.tables, fittingOf(index, question)))
          await take(each, joined ? ['keys'] : DETAILS.slice(place < FULL ? 0 : place < BRIEF ? 1 : 2));
      }
      return {
        text: catalogs.map((catalog) => sectionOf(catalog, lines)).join('\n\n'),
        left_out: leftOut(catalogs, new Set([...lines.keys()].map(({ table }) => table))),
        tables: [...lines.keys()],
        privacy: privacyOf([...lines.keys()]),
        tokens: tokens - left,
      };
    },
  };
}

const DETAILS: readonly TableDetail[] = ['full', 'brief', 'keys'];

/** Places in the index, best first; of a table and all that is named after it only the best few. */
function fittingOf(index: TableIndex, question: string): number[] {
  const scores = index.scores(question);
  const best = scores.reduce((most, score) => Math.max(most, score), 0);
  const members = new Map<string, number>();
  return Array.from(scores.keys())
    .filter((at) => (scores[at] as number) > 0 && (scores[at] as number) >= best * LEAST_SHARE)
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .filter((at) => {
      const family = index.families[at] as string;
      members.set(family, (members.get(family) ?? 0) + 1);
      return (members.get(family) as number) <= MOST_OF_FAMILY;
    })
    .slice(0, MOST_FITTING);
}

function headingOf({ source, tables, stale, read_at }: TableCatalog): string {
  return `## ${source}: ${tables.length} tables${stale ? ` (as of ${read_at})` : ''}`;
}

function sectionOf(catalog: TableCatalog, lines: ReadonlyMap<SourceTable, string>): string {
  const own = [...lines].filter(([each]) => each.source === catalog.source).map(([, line]) => line);
  return [headingOf(catalog), ...own].join('\n');
}

function leftOut(catalogs: readonly TableCatalog[], shown: ReadonlySet<CatalogTable>): string[] {
  return catalogs.flatMap(({ source, tables }) => {
    const others = tables.filter((table) => !shown.has(table));
    if (others.length === 0) return [];
    const bySchema = new Map<string, number>();
    for (const { schema } of others) bySchema.set(schema, (bySchema.get(schema) ?? 0) + 1);
    const named = [...bySchema].sort((a, b) => b[1] - a[1]).slice(0, SCHEMAS);
    const more = bySchema.size > named.length ? ', …' : '';
    const told = named.map(([schema, number]) => `${schema} ${number}`).join(', ');
    return [`${source}: ${others.length} of ${tables.length} tables (${told}${more})`];
  });
}

function sameCatalogs(a: readonly TableCatalog[], b: readonly TableCatalog[]): boolean {
  return a.length === b.length && a.every((each, at) => each.version === b[at]?.version);
}
