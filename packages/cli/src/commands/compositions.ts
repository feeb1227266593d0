import type { Command } from 'commander';
import { allPages } from '../all-pages.ts';
import { CliError } from '../cli-error.ts';
import { assignment } from '../option-values.ts';
import { table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';
import { followRun } from './watch-run.ts';

/** `planyard compositions …`. */
export function addCompositions(program: Command, { add, session }: Shell): void {
  const compositions = program.command('compositions').description('named pipelines of tools');
  add(compositions, 'list', 'compositions with their parameters').action((options: Output) =>
    listCompositions(session(options)),
  );
  add(compositions, 'run', 'run a composition and print what it gave, as JSON')
    .argument('<composition>')
    .option('--set <name=value>', 'a parameter, as JSON or text; may be repeated', assignment)
    .action((name: string, { output, set }: Output & { set?: Record<string, string> }) =>
      runComposition(session({ output }), name, set),
    );
}

async function listCompositions({ client, io, format }: Session): Promise<void> {
  const page = await allPages((query) => client.compositions.list(query));
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map(({ name, parameters, description, available }) => [
    name,
    Object.entries(parameters)
      .map(([parameter, { default: value }]) => (value === undefined ? parameter : `[${parameter}]`))
      .join(' '),
    `${description}${available ? '' : ' (a tool of it is not on offer)'}`,
  ]);
  io.out(table(['COMPOSITION', 'PARAMETERS', 'DESCRIPTION'], rows, io.outColumns));
}

/** Runs a composition, shows its steps as they go, and prints its result as JSON. A parameter that reads as JSON is taken as such. */
async function runComposition(
  session: Session,
  name: string,
  set: Record<string, string> = {},
): Promise<void> {
  const parameters = Object.fromEntries(Object.entries(set).map(([key, text]) => [key, parameterOf(text)]));
  const { client, io } = session;
  const { id } = await followRun(session, (signal) =>
    client.compositions.run(name, { parameters }, { signal }),
  );
  const result = await client.compositions.result(id);
  io.out(`${JSON.stringify(result, null, 2)}\n`);
  if (result.status === 'failed' || result.status === 'cancelled') throw new CliError('');
}

function parameterOf(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
