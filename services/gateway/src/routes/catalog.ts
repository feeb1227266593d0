import {
  CatalogPage,
  CatalogRefresh,
  type CatalogSource,
  type CatalogTable,
  CatalogTableDetail,
  type CatalogTableItem,
  fitsPattern,
  ListCatalogQuery,
  PlanyardError,
  RefreshCatalogRequest,
  type SourceState,
} from '@planyard/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, type Route } from '../http/route.ts';

interface SourceTable {
  source: string;
  table: CatalogTable;
}

export function catalogRoutes({ engine, now }: GatewayDeps): Route[] {
  const { sources } = engine;

  async function statesOf(tenant: string, source: string | undefined): Promise<SourceState[]> {
    const states = await sources.list(tenant);
    const wanted = states.filter((state) => source === undefined || state.source === source);
    if (source !== undefined && wanted.length === 0)
      throw new PlanyardError('not_found', `There is no data source ${source}, or no worker tells about it`);
    return wanted;
  }

  async function tablesOf(states: SourceState[]): Promise<SourceTable[]> {
    const read = states.map(async ({ source, version }) => {
      const tables = version === null ? null : await sources.tables(version);
      return (tables ?? []).map((table) => ({ source, table }));
    });
    return (await Promise.all(read)).flat();
  }

  return [
    defineRoute({
      method: 'get',
      path: '/v1/catalog',
      id: 'listCatalog',
      summary: 'The tables of the data sources, and how the catalog of each source stands',
      tag: 'Catalog',
      access: 'runs:read',
      query: ListCatalogQuery,
      replies: { 200: { description: 'A page of tables with all of their sources', schema: CatalogPage } },
      errors: ['not_found'],
      async handle({ query, principal }) {
        const states = await statesOf(principal.tenant, query.source);
        const wishes = await sources.wishes();
        const found = (await tablesOf(states)).filter(
          ({ table }) =>
            (query.table === undefined || isNamed(table, query.table)) &&
            (query.text === undefined || holds(table, query.text.toLowerCase())),
        );
        const page = pageOfArray(found, query);
        return {
          body: {
            sources: states.map((state) => sourceOf(state, wishes[state.source])),
            data: page.data.map(itemOf),
            next_cursor: page.next_cursor,
          },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/catalog/{source}/{table}',
      id: 'getCatalogTable',
      summary: 'A table with its columns, keys and sample values',
      tag: 'Catalog',
      access: 'runs:read',
      params: z.object({ source: z.string().max(200), table: z.string().max(200) }),
      replies: { 200: { description: 'The table', schema: CatalogTableDetail } },
      errors: ['not_found', 'invalid_request'],
      async handle({ params, principal }) {
        const { source, table } = params;
        const all = await tablesOf(await statesOf(principal.tenant, source));
        const found = all.filter((each) => names(each.table).includes(table));
        const [first] = found;
        if (!first) throw new PlanyardError('not_found', `The data source ${source} has no table ${table}`);
        if (found.length > 1) {
          const message = `several schemas have it: name one of ${found.map((each) => names(each.table)[1]).join(', ')}`;
          throw new PlanyardError('invalid_request', `${table}: ${message}`, {
            errors: [{ path: 'params.table', message }],
          });
        }
        return { body: { source, ...first.table } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/catalog/refresh',
      id: 'refreshCatalog',
      summary: 'Has the catalogs of the data sources read again within seconds',
      tag: 'Catalog',
      access: 'runs:write',
      body: { schema: RefreshCatalogRequest, required: false, limit: 64 * 1024 },
      replies: { 202: { description: 'What is read again', schema: CatalogRefresh } },
      errors: ['not_found'],
      async handle({ body, principal }) {
        const names = (await statesOf(principal.tenant, body?.source)).map(({ source }) => source);
        await sources.wish(names, now());
        return { status: 202, body: { sources: names } };
      },
    }),
  ];
}

function sourceOf(state: SourceState, wish = 0): CatalogSource {
  const { tenants: _tenants, version, refreshed_for, ...told } = state;
  return {
    ...told,
    state: version === null ? 'unread' : told.fault === null ? 'fresh' : 'stale',
    refreshing: wish > refreshed_for,
  };
}

function itemOf({ source, table }: SourceTable): CatalogTableItem {
  const { schema, name, kind, comment, rows, columns } = table;
  return { source, schema, name, kind, ...(comment ? { comment } : {}), rows, columns: columns.length };
}

function names({ schema, name }: CatalogTable): [string, string] {
  return [name, `${schema}.${name}`];
}

function isNamed(table: CatalogTable, pattern: string): boolean {
  return names(table).some((name) => fitsPattern(pattern.toLowerCase(), name.toLowerCase()));
}

function holds(table: CatalogTable, text: string): boolean {
  const columns = table.columns.flatMap(({ name, comment, values }) => [
    name,
    comment ?? '',
    ...(values ?? []),
  ]);
  return [table.schema, table.name, table.comment ?? '', ...columns].some((each) =>
    each.toLowerCase().includes(text),
  );
}
