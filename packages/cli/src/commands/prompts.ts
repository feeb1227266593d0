import type { Command } from 'commander';
import { allPages } from '../all-pages.ts';
import { CliError } from '../cli-error.ts';
import { assignment } from '../option-values.ts';
import { printable, table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

/** `planyard prompts …`. */
export function addPrompts(program: Command, { add, session }: Shell): void {
  const prompts = program.command('prompts').description('what models are told');
  add(prompts, 'list', 'prompts and their versions').action((options: Output) =>
    listPrompts(session(options)),
  );
  add(prompts, 'get', 'the text of a prompt')
    .argument('<prompt>')
    .option('--version <id>', 'of this version; the current one without')
    .action((name: string, options: Output & { version?: string }) =>
      getPrompt(session(options), name, options.version),
    );
  add(prompts, 'render', 'the text that a model would get')
    .argument('<prompt>')
    .option('--set <name=value>', 'a variable, a list as JSON; may be repeated', assignment)
    .option('--version <id>', 'of this version; the current one without')
    .action(
      (name: string, { output, ...options }: Output & { set?: Record<string, string>; version?: string }) =>
        renderPrompt(session({ output }), name, options),
    );
}

async function listPrompts({ client, io, format }: Session): Promise<void> {
  const page = await allPages((query) => client.prompts.list(query));
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map(({ name, current, versions, description }) => [
    name,
    current,
    versions.map(({ id }) => id).join(', '),
    description,
  ]);
  io.out(table(['PROMPT', 'CURRENT', 'VERSIONS', 'DESCRIPTION'], rows, io.outColumns));
}

/** Prints a version's text, the current one's unless named. */
async function getPrompt(
  { client, io, format }: Session,
  name: string,
  version: string | undefined,
): Promise<void> {
  const prompt = await client.prompts.get(name, { version });
  if (format === 'json') io.out(`${JSON.stringify(prompt, null, 2)}\n`);
  else io.out(`${printable(prompt.version.content).trimEnd()}\n`);
}

/** Prints the text with its variables filled in. A value that is not a string is given as JSON. */
async function renderPrompt(
  { client, io, format }: Session,
  name: string,
  { set = {}, version }: { set?: Record<string, string>; version?: string },
): Promise<void> {
  const { variables: declared } = await client.prompts.get(name, { version });
  const variables = Object.fromEntries(
    Object.entries(set).map(([variable, text]) => [
      variable,
      parseValue(variable, text, declared[variable]?.type),
    ]),
  );
  const rendered = await client.prompts.render(name, {
    variables,
    ...(version === undefined ? {} : { version }),
  });
  if (format === 'json') io.out(`${JSON.stringify(rendered, null, 2)}\n`);
  else io.out(`${printable(rendered.text).trimEnd()}\n`);
}

function parseValue(variable: string, text: string, type: string | undefined) {
  // An unknown variable is for the gateway to refuse.
  if (type === undefined || type === 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(`${variable} is a ${type}: give it as JSON.`, 2);
  }
}
