import type { ToolManifest } from '@planyard/contracts';
import type { Agent } from './agent.ts';
import { toolsOfAgent } from './agent-tools.ts';

/** The agent for what none of the others is for. */
export const FALLBACK_AGENT = 'general';

/**
 * The agents that a question may be sent to as things stand: of the routed ones those with a tool on offer, and those that need none.
 * The fallback is one of them only where it has a tool that no other has, or where nobody else fits.
 */
export function fittingAgents(agents: readonly Agent[], offered: readonly ToolManifest[]): Agent[] {
  const routed = agents.filter((agent) => agent.routed || agent.name === FALLBACK_AGENT);
  const withTools = routed.map((agent) => ({ agent, tools: toolsOfAgent(agent, offered).tools }));
  const fitting = withTools.filter(({ agent, tools }) => tools.length > 0 || agent.tools.length === 0);
  const others = fitting.filter(({ agent }) => agent.name !== FALLBACK_AGENT);
  const covered = new Set(others.flatMap(({ tools }) => tools.map(({ name }) => name)));
  const fallback = withTools.find(({ agent }) => agent.name === FALLBACK_AGENT);
  const isNeeded = fallback?.tools.some(({ name }) => !covered.has(name)) ?? false;
  const chosen = others.map(({ agent }) => agent);
  return fallback && (isNeeded || chosen.length === 0) ? [...chosen, fallback.agent] : chosen;
}
