import type { ToolManifest } from '@planyard/contracts';
import type { Phase } from '@planyard/engine';
import {
  type Agent,
  type CompositionTool,
  compositionTools,
  FALLBACK_AGENT,
  plannableTools,
  type RenderedPrompt,
  toolsOfAgent,
} from '@planyard/planning';
import type { Composed } from '../compositions/composed.ts';
import type { PlannerDeps } from '../deps.ts';

/** Plans of a run at most, where the agent does not say. */
const ATTEMPTS = { graph: 3, rounds: 5 } as const;

/** The agent that a phase works as. */
export interface ActingAgent {
  agent: Agent;
  told: RenderedPrompt;
  /** Its tools that a live worker offers, compositions among them. */
  tools: ToolManifest[];
  /** What its compositions are made of. */
  composed: Composed;
  max_attempts: number;
}

type ActDeps = Pick<PlannerDeps, 'prompts' | 'compositions' | 'log'>;

/** The agent with what it is told and may use. Tools that are not as its file says are left out, and logged. */
export function actAs(
  agent: Agent,
  offered: readonly ToolManifest[],
  phase: Phase,
  deps: ActDeps,
): ActingAgent {
  const { composable, plannable } = plannableIn(phase, offered, deps);
  const { tools, faults } = toolsOfAgent(agent, plannable);
  if (faults.length > 0) deps.log.warn({ agent: agent.name, faults }, 'tools of an agent are left out');
  return {
    agent,
    told: deps.prompts.render(agent.prompt.name, {}),
    tools,
    composed: {
      compositions: new Map(composable.map(({ manifest, composition }) => [manifest.name, composition])),
      toolOf: (name) => offered.find((tool) => tool.name === name),
    },
    max_attempts: phase.record.request.options.max_attempts ?? agent.max_attempts ?? ATTEMPTS[agent.strategy],
  };
}

/** What a run may plan, compositions among it. */
export function plannableIn(
  { record }: Pick<Phase, 'record'>,
  offered: readonly ToolManifest[],
  { compositions }: Pick<ActDeps, 'compositions'>,
): { composable: CompositionTool[]; plannable: ToolManifest[] } {
  const composable = record.request.options.compositions
    ? compositionTools(compositions.list(), offered)
    : [];
  return { composable, plannable: plannableTools(offered, composable) };
}

/** The agent of that name; the fallback for none. One that is gone since the run was accepted has no tools and is shown no data: nobody knows what it might use. */
export function agentNamed(name: string | null, deps: Pick<ActDeps, 'prompts' | 'log'>): Agent {
  const agents = deps.prompts.agents();
  const found = agents.find((agent) => agent.name === name);
  if (found) return found;
  // The registry holds it: the prompts in use name it.
  const fallback = agents.find((agent) => agent.name === FALLBACK_AGENT) as Agent;
  if (name === null) return fallback;
  deps.log.warn({ agent: name }, 'the agent is gone: its run goes on without tools');
  return { ...fallback, name, tools: [], knowledge: [], models: {} };
}
