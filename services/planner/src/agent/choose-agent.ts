import { type Json, PlanyardError, type ToolManifest } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { type Agent, BLUEPRINTS, FALLBACK_AGENT, fittingAgents } from '@planyard/planning';
import { z } from 'zod';
import type { PlannerDeps, PlannerModel } from '../deps.ts';
import { askModel, isUnanswered } from '../model/ask-model.ts';
import { newestOf, type Said } from '../model/conversation.ts';
import { agentNamed, plannableIn } from './acting-agent.ts';

export type Chosen =
  | { kind: 'agent'; agent: Agent }
  /** No tool is needed. */
  | { kind: 'answer'; text: string };

/** Who plans the run: the agent that was asked or chosen before, the only one that fits, or the one a supervisor names with one call of a model. */
export async function chooseAgent(
  phase: PlanningPhase,
  model: PlannerModel,
  offered: readonly ToolManifest[],
  said: Said,
  deps: PlannerDeps,
): Promise<Chosen> {
  if (phase.agent !== null) return { kind: 'agent', agent: agentNamed(phase.agent, deps) };
  const { agents, role } = candidates(phase, offered, deps);
  const [only] = agents;
  if (agents.length === 1 && only) return { kind: 'agent', agent: only };
  return await askSupervisor(phase, model, agents, role, said, deps);
}

function candidates(
  phase: PlanningPhase,
  offered: readonly ToolManifest[],
  deps: PlannerDeps,
): { agents: Agent[]; role: { text: string; label: string } | null } {
  const { blueprint: name } = phase.record.request;
  const blueprint = deps.prompts.blueprints().find((each) => each.name === name);
  if (!blueprint) {
    // An agent whose tools are compositions fits by them.
    const { plannable } = plannableIn(phase, offered, deps);
    return { agents: fittingAgents(deps.prompts.agents(), plannable), role: null };
  }
  const agents = deps.prompts.agents().filter((agent) => blueprint.agents.includes(agent.name));
  if (agents.length === 0)
    throw new PlanyardError('invalid_config', `blueprint ${blueprint.name} has no agent that is there`);
  return { agents, role: deps.prompts.render(`${BLUEPRINTS}${blueprint.name}`, {}) };
}

const Decision = z.union([
  z.object({ agent: z.string(), answer: z.null().optional() }),
  z.object({ agent: z.null().optional(), answer: z.string().trim().min(1) }),
]);

async function askSupervisor(
  phase: PlanningPhase,
  model: PlannerModel,
  agents: Agent[],
  role: { text: string; label: string } | null,
  said: Said,
  deps: PlannerDeps,
): Promise<Chosen> {
  const routing = deps.prompts.render('routing', {
    agents: agents.map(({ name, description }) => `${name}: ${description}`),
  });
  const system = deps.prompts.render('supervisor', {
    role: role?.text ?? '',
    routing: routing.text,
    now: new Date(deps.now()).toISOString(),
  });
  const conversation = await newestOf(said, deps);
  const fallback = agents.find((agent) => agent.name === FALLBACK_AGENT) ?? (agents[0] as Agent);
  try {
    const text = await replyOf(
      askModel(
        phase,
        model,
        {
          messages: [{ role: 'system', content: system.text }, ...conversation.messages],
          output: { name: 'decision', schema: schemaOf(agents) },
        },
        {
          purpose: 'route',
          prompt: `${[system, routing, ...(role ? [role] : [])].map(({ label }) => label).join(' ')}${conversation.label}`,
        },
      ),
    );
    const decided = Decision.parse(JSON.parse(text));
    if (decided.answer) return { kind: 'answer', text: decided.answer };
    const agent = agents.find((each) => each.name === decided.agent);
    if (agent) return { kind: 'agent', agent };
    deps.log.warn({ decided: decided.agent, agent: fallback.name }, 'the supervisor named no agent of ours');
  } catch (error) {
    phase.signal.throwIfAborted();
    if (!(isUnanswered(error) || error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    deps.log.warn({ err: error, agent: fallback.name }, 'the supervisor could not decide');
  }
  return { kind: 'agent', agent: fallback };
}

function schemaOf(agents: Agent[]): { [key: string]: Json } {
  return {
    type: 'object',
    properties: {
      agent: { anyOf: [{ type: 'string', enum: agents.map(({ name }) => name) }, { type: 'null' }] },
      answer: { type: ['string', 'null'] },
    },
    required: ['agent', 'answer'],
    additionalProperties: false,
  };
}

async function replyOf(events: ReturnType<typeof askModel>): Promise<string> {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.text;
  return text;
}
