import { type Command, Option } from 'commander';
import { allPages } from '../all-pages.ts';
import { count } from '../option-values.ts';
import { nextPageText } from '../output/next-page.ts';
import { duration, table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

export type Strategy = NonNullable<Parameters<Session['client']['tools']['rank']>[0]['strategy']>;

export const STRATEGIES: Strategy[] = ['fastest', 'most_accurate', 'most_complete', 'least_load'];

interface RankToolsOptions {
  strategy?: Strategy;
  agent?: string;
  limit: number;
  cursor?: string;
}

/** `planyard tools …`. */
export function addTools(program: Command, { add, session }: Shell): void {
  const tools = program.command('tools').description('what can be called');
  add(tools, 'list', 'tools that a live worker offers')
    .option('--type <type>', 'only of this type, such as ci or metric')
    .action((options: Output & { type?: string }) => listTools(session(options), options.type));
  add(tools, 'rank', 'how tools are ranked for a question, and why')
    .argument('<question...>', 'the question')
    .addOption(new Option('--strategy <strategy>', 'what counts most').choices(STRATEGIES))
    .option('--agent <name>', 'among the tools of this agent')
    .option('--limit <number>', 'how many', count, 20)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action((words: string[], { output, ...options }: Output & RankToolsOptions) =>
      rankTools(session({ output }), words.join(' '), options),
    );
}

async function listTools({ client, io, format }: Session, type: string | undefined): Promise<void> {
  const page = await allPages((query) =>
    client.tools.list({ ...query, ...(type === undefined ? {} : { type }) }),
  );
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map((tool) => [
    tool.name,
    tool.needs_approval ? `${tool.effects}, asks` : tool.effects,
    tool.description,
  ]);
  io.out(table(['TOOL', 'EFFECTS', 'DESCRIPTION'], rows, io.outColumns));
  if (rows.length === 0)
    io.err(
      `No live worker offers a tool${type === undefined ? '' : ` of type ${type}; see all: planyard tools list`}.\n`,
    );
}

async function rankTools(
  { client, io, format }: Session,
  question: string,
  options: RankToolsOptions,
): Promise<void> {
  const page = await client.tools.rank({ question, ...options });
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map((each) => [
    each.named ? `${each.tool} (named)` : each.tool,
    each.fit.toFixed(2),
    each.score.toFixed(2),
    each.relevance.toFixed(2),
    each.words.toFixed(2),
    each.similarity?.toFixed(2) ?? '-',
    each.accuracy.toFixed(2),
    duration(each.est_ms),
    each.cached ? 'yes' : 'no',
    `${Math.round(each.load * 100)}%`,
    each.intent ? 'yes' : 'no',
    each.breaker,
  ]);
  const head = [
    'TOOL',
    'FIT',
    'SCORE',
    'RELEVANCE',
    'WORDS',
    'ALIKE',
    'ACCURACY',
    'TIME',
    'CACHED',
    'LOAD',
    'INTENT',
    'BREAKER',
  ];
  io.out(table(head, rows, io.outColumns));
  if (rows.length === 0) io.err('No live worker offers a tool.\n');
  io.err(nextPageText(['tools', 'rank', question], { ...options }, page.next_cursor));
}
