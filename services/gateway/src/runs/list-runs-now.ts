import { isTerminal, type ListRunsQuery, type Page, type RunListItem } from '@planyard/contracts';
import type { Engine } from '@planyard/engine';
import { type Executor, listRuns } from '@planyard/store';
import { within } from '../http/within.ts';

export interface ListRunsDeps {
  db: Executor;
  engine: Pick<Engine, 'readStatus'>;
}

/**
 * A page of runs, newest first, the open ones with the status that Redis has. Postgres only knows which are open: where
 * an open status is asked for, the page may be shorter than the limit and more may follow, but it is empty only at the end.
 */
export async function listRunsNow(
  deps: ListRunsDeps,
  tenant: string,
  query: ListRunsQuery,
): Promise<Page<RunListItem>> {
  const page = await listRuns(deps.db, tenant, query);
  const data = await within(3_000, 'Redis', Promise.all(page.data.map((run) => withStatus(deps, run))));
  if (query.status === undefined || isTerminal(query.status)) return { ...page, data };
  const found = data.filter(({ status }) => status === query.status);
  return found.length === 0 && page.next_cursor !== null
    ? await listRunsNow(deps, tenant, { ...query, cursor: page.next_cursor })
    : { ...page, data: found };
}

async function withStatus({ engine }: ListRunsDeps, run: RunListItem): Promise<RunListItem> {
  if (run.ended_at !== null) return run;
  return { ...run, status: (await engine.readStatus(run.id)) ?? run.status };
}
