import type { CatalogTable } from '@planyard/contracts';
import type { Logger } from '@planyard/runtime';
import type { OpenSource } from './open-source.ts';
import { type FoundTable, readTables } from './read-tables.ts';
import { readValues } from './read-values.ts';
import { markOf } from './sensitive.ts';
import type { SourceConfig } from './source-config.ts';

/** The whole catalog of a source, as the planner may know it. */
export async function readCatalog(
  source: OpenSource,
  config: SourceConfig,
  log: Logger,
): Promise<CatalogTable[]> {
  const found = await source.readOnly(config.timeout_ms, (query) => readTables(query, config));
  const values = await readValues(source, found, config, log);
  return found.map(({ oid: _, columns, ...table }: FoundTable) => ({
    ...table,
    columns: columns.map((column) => {
      const { base: _base, is_enum: _isEnum, ...told } = column;
      const some = values.get(column) ?? [];
      return { ...told, ...markOf(table, column, config), ...(some.length > 0 ? { values: some } : {}) };
    }),
  }));
}
