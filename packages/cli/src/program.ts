import { Command, InvalidArgumentError, Option } from 'commander';
import { listAgents, listBlueprints } from './commands/agents.ts';
import { type AskOptions, ask } from './commands/ask.ts';
import { refreshCatalog, type ShowCatalogOptions, showCatalog } from './commands/catalog.ts';
import { listCompositions, runComposition } from './commands/compositions.ts';
import { doctor } from './commands/doctor.ts';
import { importPaths } from './commands/import.ts';
import { createKey, listKeys, revokeKey, type Scope } from './commands/keys.ts';
import { listModels, testModels } from './commands/models.ts';
import { listPlans } from './commands/plans.ts';
import { getPrompt, listPrompts, renderPrompt } from './commands/prompts.ts';
import {
  cancelRun,
  decideStep,
  getRun,
  type JsonArguments,
  type ListRunsOptions,
  listRuns,
  printEvents,
  rerun,
} from './commands/runs.ts';
import {
  type CreateScheduleOptions,
  changeSchedule,
  createSchedule,
  deleteSchedule,
  getSchedule,
  listSchedules,
} from './commands/schedules.ts';
import { listTools, rankTools, type Strategy } from './commands/tools.ts';
import { type ShowUsageOptions, showUsage } from './commands/usage.ts';
import type { Io } from './io.ts';
import { type OutputFormat, openSession, type Session } from './session.ts';

const scopes: Scope[] = ['runs:write', 'runs:read', 'runs:approve', 'models:call', 'admin'];
const strategies: Strategy[] = ['fastest', 'most_accurate', 'most_complete', 'least_load'];
const statuses = [
  'accepted',
  'planning',
  'executing',
  'joining',
  'completed',
  'partial',
  'failed',
  'cancelled',
];
const kinds = ['items', 'relations', 'metrics', 'events', 'backstage'];

/** The `planyard` command line. */
export function createProgram(io: Io): Command {
  const program = new Command('planyard')
    .description('Ask questions over your systems; see docs at the address `npm start` prints.')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(planyard --help shows the commands)');
  const runs = program.command('runs').description('what was asked');
  const schedules = program.command('schedules').description('what is asked again and again');
  const tools = program.command('tools').description('what can be called');
  const agents = program.command('agents').description('who answers');
  const compositions = program.command('compositions').description('named pipelines of tools');
  const catalog = program.command('catalog').description('what the data sources hold');
  const prompts = program.command('prompts').description('what models are told');
  const models = program.command('models').description('language models');
  const keys = program.command('keys').description('API keys; needs an admin key');

  /** A command that ends in a call of the gateway; every one knows `-o json`. */
  const add = (parent: Command, name: string, about: string) =>
    parent
      .command(name)
      .description(about)
      .addOption(
        new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'),
      );
  const session = ({ output }: { output: OutputFormat }): Session => openSession(io, output);

  add(program, 'ask', 'ask a question and watch it being answered')
    .argument('<question...>', 'the question')
    .option('--agent <name>', 'the agent to ask; refused for a name that is none')
    .option('--blueprint <name>', 'the blueprint whose supervisor chooses the agent')
    .option('--conversation <id>', 'go on with what was said in it')
    .option('--seconds <number>', 'time it may take', positive)
    .option('--cost-usd <number>', 'money it may cost', positive)
    .option('--no-cache', 'run every step anew')
    .addOption(new Option('--strategy <strategy>', 'what the choice of tools looks at').choices(strategies))
    .option('--prompt <name=version>', 'a version of a prompt, such as plan=1; may be repeated', assignment)
    .action((words: string[], options: AskOptions & { output: OutputFormat }) =>
      ask(session(options), words.join(' '), options),
    );

  add(runs, 'list', 'runs, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(statuses))
    .option('--agent <name>', 'only of this agent')
    .option('--text <text>', 'only questions with this text')
    .option('--limit <number>', 'how many', count, 20)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(({ output, ...query }: ListRunsOptions & { output: OutputFormat }) =>
      listRuns(session({ output }), query),
    );
  add(runs, 'get', 'a run with its answer and steps')
    .argument('<run>')
    .action((id: string, options: { output: OutputFormat }) => getRun(session(options), id));
  add(runs, 'events', 'the events of a run, from its start to its end')
    .argument('<run>')
    .option('--after <number>', 'only events with a higher number', count, 0)
    .action((id: string, options: { output: OutputFormat; after: number }) =>
      printEvents(session(options), id, options.after),
    );
  add(runs, 'cancel', 'stop a run')
    .argument('<run>')
    .action((id: string, options: { output: OutputFormat }) => cancelRun(session(options), id));
  add(runs, 'rerun', 'run an ended run again, and watch it')
    .argument('<run>')
    .option('--from <step>', 'from this step on, such as 1.owner; what does not depend on it is copied')
    .option('--args <json>', 'other arguments of that step', jsonObject)
    .action(
      (id: string, { output, ...request }: { output: OutputFormat; from?: string; args?: JsonArguments }) =>
        rerun(session({ output }), id, request),
    );
  add(runs, 'approve', 'let a step run that waits for a person; needs a key with runs:approve')
    .argument('<run>')
    .argument('<step>', 'its id, such as 1.restart')
    .option('--args <json>', 'with these arguments in place of those it asked with', jsonObject)
    .option('--comment <text>', 'why')
    .action(
      (
        id: string,
        step: string,
        { output, ...said }: { output: OutputFormat; args?: JsonArguments; comment?: string },
      ) => decideStep(session({ output }), id, step, 'approve', said),
    );
  add(runs, 'reject', 'refuse a step that waits for a person')
    .argument('<run>')
    .argument('<step>', 'its id, such as 1.restart')
    .option('--comment <text>', 'why')
    .action((id: string, step: string, { output, ...said }: { output: OutputFormat; comment?: string }) =>
      decideStep(session({ output }), id, step, 'reject', said),
    );

  add(schedules, 'create', 'ask a question, or run a composition, again and again')
    .argument('[question...]', 'the question; none for a composition')
    .requiredOption('--cron <fields>', 'minute hour day month weekday, such as "0 8 * * 1-5"')
    .option('--timezone <zone>', 'of these times, such as Europe/Berlin; UTC without')
    .option('--name <name>', 'what it is called')
    .option('--agent <name>', 'the agent to ask')
    .option('--composition <name>', 'the composition to run')
    .option('--parameters <json>', 'of the composition', jsonObject)
    .action((words: string[], { output, ...options }: CreateScheduleOptions & { output: OutputFormat }) =>
      createSchedule(session({ output }), words.join(' '), options),
    );
  add(schedules, 'list', 'schedules, newest first')
    .option('--limit <number>', 'how many', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(({ output, ...query }: { output: OutputFormat; limit: number; cursor?: string }) =>
      listSchedules(session({ output }), query),
    );
  add(schedules, 'get', 'a schedule with its next times')
    .argument('<schedule>')
    .action((id: string, options: { output: OutputFormat }) => getSchedule(session(options), id));
  for (const verb of ['pause', 'resume'] as const)
    add(schedules, verb, verb === 'pause' ? 'pause a schedule' : 'go on with a schedule')
      .argument('<schedule>')
      .action((id: string, options: { output: OutputFormat }) => changeSchedule(session(options), id, verb));
  add(schedules, 'delete', 'delete a schedule; its runs stay')
    .argument('<schedule>')
    .action((id: string, options: { output: OutputFormat }) => deleteSchedule(session(options), id));

  add(tools, 'list', 'tools that a live worker offers')
    .option('--type <type>', 'only of this type, such as ci or metric')
    .action((options: { output: OutputFormat; type?: string }) => listTools(session(options), options.type));

  add(agents, 'list', 'agents, their strategy and how many of their tools are on offer').action(
    (options: { output: OutputFormat }) => listAgents(session(options)),
  );
  add(agents, 'blueprints', 'blueprints: agents under a supervisor').action(
    (options: { output: OutputFormat }) => listBlueprints(session(options)),
  );
  add(tools, 'rank', 'how tools are ranked for a question, and why')
    .argument('<question...>', 'the question')
    .addOption(new Option('--strategy <strategy>', 'what counts most').choices(strategies))
    .option('--agent <name>', 'among the tools of this agent')
    .action((words: string[], options: { output: OutputFormat; strategy?: Strategy; agent?: string }) =>
      rankTools(session(options), words.join(' '), options),
    );

  add(compositions, 'list', 'compositions with their parameters').action(
    (options: { output: OutputFormat }) => listCompositions(session(options)),
  );
  add(compositions, 'run', 'run a composition and print what it gave, as JSON')
    .argument('<composition>')
    .option('--set <name=value>', 'a parameter, as JSON or text; may be repeated', assignment)
    .action((name: string, { output, set }: { output: OutputFormat; set?: Record<string, string> }) =>
      runComposition(session({ output }), name, set),
    );

  add(program, 'plans', 'how plans did: by intent, agent and prompt version').action(
    (options: { output: OutputFormat }) => listPlans(session(options)),
  );

  add(program, 'usage', 'what models were used and what they cost; of the last 30 days unless said')
    .option('--by <dimensions>', 'of day, model, agent, key, tag, with commas', 'day,model')
    .option('--from <time>', 'such as 2026-11-01T00:00:00Z')
    .option('--to <time>', 'up to this moment, not including it')
    .option('--model <provider/model>', 'only of this model')
    .option('--agent <name>', 'only of this agent')
    .option('--key <key>', 'only of this key, by its id')
    .option('--tag <tag>', 'only with this tag')
    .option('--limit <number>', 'how many', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(({ output, ...query }: ShowUsageOptions & { output: OutputFormat }) =>
      showUsage(session({ output }), query),
    );

  add(catalog, 'show', 'data sources; of one its tables; of a table its columns')
    .argument('[source]')
    .argument('[table]', 'name or schema.name; * stands for any text')
    .option('--text <text>', 'only tables that hold it in names, comments or values')
    .option('--limit <number>', 'how many tables', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(
      (
        source: string | undefined,
        name: string | undefined,
        { output, ...query }: ShowCatalogOptions & { output: OutputFormat },
      ) => showCatalog(session({ output }), source, name, query),
    );
  add(catalog, 'refresh', 'have data sources read again, and wait for it')
    .argument('[source]')
    .action((source: string | undefined, options: { output: OutputFormat }) =>
      refreshCatalog(session(options), source),
    );

  add(prompts, 'list', 'prompts and their versions').action((options: { output: OutputFormat }) =>
    listPrompts(session(options)),
  );
  add(prompts, 'get', 'the text of a prompt')
    .argument('<prompt>')
    .option('--version <id>', 'of this version; the current one without')
    .action((name: string, options: { output: OutputFormat; version?: string }) =>
      getPrompt(session(options), name, options.version),
    );
  add(prompts, 'render', 'the text that a model would get')
    .argument('<prompt>')
    .option('--set <name=value>', 'a variable, a list as JSON; may be repeated', assignment)
    .option('--version <id>', 'of this version; the current one without')
    .action(
      (
        name: string,
        { output, ...options }: { output: OutputFormat; set?: Record<string, string>; version?: string },
      ) => renderPrompt(session({ output }), name, options),
    );

  add(models, 'list', 'routes, and the models that providers offer').action(
    (options: { output: OutputFormat }) => listModels(session(options)),
  );
  add(
    models,
    'test',
    'a real, tiny call to each, with its latency and cost; those of all routes unless named',
  )
    .argument('[model...]', 'a route or provider/model')
    .action((named: string[], options: { output: OutputFormat }) => testModels(session(options), named));

  add(keys, 'create', 'make a key and print it, this once')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--user <user>', 'who it acts as; limits are counted by user')
    .option('--tenant <tenant>', 'whose data it sees', 'default')
    .addOption(
      new Option('--scopes <scopes...>', 'what it may do')
        .choices(scopes)
        .default(['runs:write', 'runs:read']),
    )
    .option('--days <number>', 'days until it expires', positive)
    .action(
      (options: {
        output: OutputFormat;
        name: string;
        user: string;
        tenant: string;
        scopes: Scope[];
        days?: number;
      }) => {
        const { output, ...request } = options;
        return createKey(session({ output }), request);
      },
    );
  add(keys, 'list', 'keys, without their secrets')
    .option('--tenant <tenant>', 'of another tenant')
    .option('--limit <number>', 'how many', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(
      ({ output, ...query }: { output: OutputFormat; tenant?: string; limit: number; cursor?: string }) =>
        listKeys(session({ output }), query),
    );
  add(keys, 'revoke', 'revoke a key; it stops working within seconds')
    .argument('<key>', 'its id, as `planyard keys list` shows it')
    .option('--tenant <tenant>', 'of another tenant')
    .action((id: string, { output, ...query }: { output: OutputFormat; tenant?: string }) =>
      revokeKey(session({ output }), id, query),
    );

  add(program, 'import', 'load an inventory: Backstage catalogs, CSV or JSON tables; needs an admin key')
    .argument('<path...>', 'files or directories')
    .addOption(new Option('--kind <kind>', 'what they hold, where the columns do not tell').choices(kinds))
    .action(
      (
        paths: string[],
        options: { output: OutputFormat; kind?: 'items' | 'relations' | 'metrics' | 'events' | 'backstage' },
      ) => importPaths(session(options), paths, options.kind),
    );
  add(program, 'doctor', 'check what Planyard needs, and say how to mend it').action(
    (options: { output: OutputFormat }) => doctor(io, options.output),
  );
  return program;
}

/** Collects `name=value` options; the last one of a name counts. */
function assignment(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('It is name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function jsonObject(text: string): JsonArguments {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as JsonArguments;
  } catch {}
  throw new InvalidArgumentError('It is a JSON object, such as {"host": "web-01"}.');
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It is a number above 0.');
  return value;
}

function count(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
