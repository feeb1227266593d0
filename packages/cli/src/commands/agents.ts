import type { Command } from 'commander';
import { allPages } from '../all-pages.ts';
import { table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

/** `planyard agents …`. */
export function addAgents(program: Command, { add, session }: Shell): void {
  const agents = program.command('agents').description('who answers');
  add(agents, 'list', 'agents, their strategy and how many of their tools are on offer').action(
    (options: Output) => listAgents(session(options)),
  );
  add(agents, 'blueprints', 'blueprints: agents under a supervisor').action((options: Output) =>
    listBlueprints(session(options)),
  );
}

async function listAgents({ client, io, format }: Session): Promise<void> {
  const page = await allPages((query) => client.agents.list(query));
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map((agent) => [
    agent.name,
    agent.strategy,
    String(agent.available_tools.length),
    agent.description,
  ]);
  io.out(table(['AGENT', 'STRATEGY', 'TOOLS', 'DESCRIPTION'], rows, io.outColumns));
  for (const fault of page.data.flatMap(({ faults }) => faults)) io.err(`${fault}\n`);
}

async function listBlueprints({ client, io, format }: Session): Promise<void> {
  const page = await allPages((query) => client.agents.blueprints(query));
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map(({ name, agents, description }) => [name, agents.join(', '), description]);
  io.out(table(['BLUEPRINT', 'AGENTS', 'DESCRIPTION'], rows, io.outColumns));
}
