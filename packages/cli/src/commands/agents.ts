import { table } from '../output/text.ts';
import type { Session } from '../session.ts';

export async function listAgents({ client, io, format }: Session): Promise<void> {
  const page = await client.agents.list({ limit: 200 });
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

export async function listBlueprints({ client, io, format }: Session): Promise<void> {
  const page = await client.agents.blueprints({ limit: 200 });
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map(({ name, agents, description }) => [name, agents.join(', '), description]);
  io.out(table(['BLUEPRINT', 'AGENTS', 'DESCRIPTION'], rows, io.outColumns));
}
