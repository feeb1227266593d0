import type { Phase } from '@planyard/engine';
import { type Agent, type RenderedPrompt, sourcesOfAgent } from '@planyard/planning';
import type { PlannerDeps } from '../deps.ts';
import { digestInventories } from './digest.ts';

/** What an attempt sees of the data sources. */
export interface CatalogView {
  text: string;
  /** The prompts that it was told by, each with a space before it. */
  label: string;
  /** What of the tables that are shown must not be told. */
  privacy: string;
}

/** The legend of tables, and the heads of what is not shown. */
const LEGEND_TOKENS = 150;
/** Where an inventory is shown too. */
const TABLES_SHARE = 0.5;

/** The agent's data sources within a number of tokens: of databases the tables that matter for `question`. */
export async function viewCatalogs(
  phase: Pick<Phase, 'record'>,
  agent: Pick<Agent, 'knowledge'>,
  question: string,
  tokens: number,
  deps: Pick<PlannerDeps, 'catalogs' | 'tableDigester' | 'prompts'>,
): Promise<CatalogView> {
  const catalogs = sourcesOfAgent(agent, await deps.catalogs(phase.record.caller.tenant));
  const inventories = catalogs.filter((catalog) => catalog.kind === 'inventory');
  const databases = catalogs.filter((catalog) => catalog.kind === 'tables');
  if (catalogs.length === 0) return joined([deps.prompts.render('catalog/empty', {})], '');
  const ofTables = databases.length === 0 ? 0 : inventories.length === 0 ? tokens : tokens * TABLES_SHARE;
  const parts: RenderedPrompt[] = [];
  if (inventories.length > 0)
    parts.push(
      deps.prompts.render('catalog/inventories', {
        inventories: digestInventories(inventories, tokens - ofTables),
      }),
    );
  if (databases.length === 0) return joined(parts, '');
  const chosen = await deps.tableDigester.choose(databases, question, ofTables - LEGEND_TOKENS);
  parts.push(
    deps.prompts.render('tables/digest', {
      tables: chosen.text,
      left_out: chosen.left_out.length === 0 ? ['none'] : chosen.left_out,
    }),
  );
  return joined(parts, chosen.privacy);
}

function joined(parts: RenderedPrompt[], privacy: string): CatalogView {
  return {
    privacy,
    text: parts.map(({ text }) => text.trim()).join('\n\n'),
    label: parts.map(({ label }) => ` ${label}`).join(''),
  };
}
