import { Command, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addAgents } from './commands/agents.ts';
import { addAsk } from './commands/ask.ts';
import { addCatalog } from './commands/catalog.ts';
import { addCompositions } from './commands/compositions.ts';
import { addDoctor } from './commands/doctor.ts';
import { addImport } from './commands/import.ts';
import { addKeys } from './commands/keys.ts';
import { addModels } from './commands/models.ts';
import { addPlans } from './commands/plans.ts';
import { addPrompts } from './commands/prompts.ts';
import { addRuns } from './commands/runs.ts';
import { addSchedules } from './commands/schedules.ts';
import { addTools } from './commands/tools.ts';
import { addUsage } from './commands/usage.ts';
import type { Io } from './io.ts';
import { openSession } from './session.ts';
import type { Shell } from './shell.ts';

/** The `planyard` command line; each group of commands stands with what it does. */
export function createProgram(io: Io): Command {
  const program = new Command('planyard')
    .description('Ask questions over your systems; see docs at the address `npm start` prints.')
    .version(packageJson.version)
    // `prompts get --version` is about the prompt.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(planyard --help shows the commands)');
  const shell: Shell = {
    io,
    add: (parent, name, about) =>
      parent
        .command(name)
        .description(about)
        .addOption(
          new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'),
        ),
    session: ({ output }) => openSession(io, output),
  };
  const groups = [
    addAsk,
    addRuns,
    addSchedules,
    addTools,
    addAgents,
    addCompositions,
    addCatalog,
    addPrompts,
    addPlans,
    addModels,
    addUsage,
    addKeys,
    addImport,
    addDoctor,
  ];
  for (const group of groups) group(program, shell);
  return program;
}
