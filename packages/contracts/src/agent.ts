import { z } from 'zod';
import { Budget } from './budget.ts';
import { ToolName } from './plan.ts';

/** `ops`; a name of an agent or of a blueprint. */
export const AgentName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'small letters, digits, _ and -; 64 at most')
  .meta({ id: 'AgentName', example: 'ops' });
export type AgentName = z.infer<typeof AgentName>;

/** `graph`: the model writes a plan of all steps. `rounds`: it calls tools natively, round after round. */
export const AgentStrategy = z.enum(['graph', 'rounds']);
export type AgentStrategy = z.infer<typeof AgentStrategy>;

const ToolParameter = z.strictObject({
  name: z.string().min(1).max(100),
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object']),
  description: z.string().default(''),
  required: z.boolean().default(false),
});

/** A tool as an agent is to see it: its own description, and of the arguments only these. */
export const AgentToolSchema = z.strictObject({
  name: ToolName,
  description: z.string().min(1),
  parameters: z.array(ToolParameter).default([]),
});
export type AgentToolSchema = z.infer<typeof AgentToolSchema>;

/** Names of tools, or `*` for any text: `ci.*`. */
const ToolPattern = z.string().regex(/^[a-z0-9_.*-]{1,130}$/, 'a tool, or a pattern such as ci.*');

/** What an agent is, besides its prompt. */
export const AgentSettings = z.strictObject({
  tools: z
    .array(z.union([ToolPattern, AgentToolSchema]))
    .default(['*'])
    .meta({ description: 'Names, patterns or schemas of its tools; none: it answers by itself' }),
  knowledge: z
    .array(z.string().min(1).max(130))
    .default(['*'])
    .meta({ description: 'Data sources it is shown, by name or pattern' }),
  models: z
    .strictObject({ plan: z.string().min(1).optional(), join: z.string().min(1).optional() })
    .default({})
    .meta({ description: 'Routes, or provider/model, in place of the one that is configured' }),
  budget: Budget.default({}).meta({ description: 'Of each run, where the caller sets no tighter one' }),
  strategy: AgentStrategy.default('graph'),
  context: z.enum(['ranking', 'model']).default('ranking').meta({
    description:
      'Who chooses the tools of an attempt where not all fit: the ranking, or one call of the model',
  }),
  routed: z
    .boolean()
    .default(true)
    .meta({ description: 'It takes questions that name no agent; false: only by name or blueprint' }),
  max_attempts: z
    .int()
    .min(1)
    .max(5)
    .optional()
    .meta({ description: 'Plans of one run at most: 3, or 5 rounds' }),
  intents: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
      z.strictObject({
        words: z.array(z.string().min(1)).min(1),
        tools: z.array(ToolPattern).min(1),
      }),
    )
    .default({})
    .meta({ description: 'What questions of these words want, and the tools that serve it' }),
});
export type AgentSettings = z.infer<typeof AgentSettings>;

/** An agent as its users see it. */
export const AgentListItem = AgentSettings.extend({
  name: AgentName,
  description: z.string(),
  prompt: z.string().meta({ description: 'Name and current version of its prompt', example: 'agents/ops@1' }),
  available_tools: z.array(ToolName).meta({ description: 'Of its tools those that a live worker offers' }),
  faults: z.array(z.string()).meta({ description: 'Tools whose schema is not the one it names' }),
}).meta({ id: 'Agent' });
export type AgentListItem = z.infer<typeof AgentListItem>;

/** Agents under a supervisor, which sends each question to one of them. */
export const BlueprintListItem = z
  .object({
    name: AgentName,
    description: z.string(),
    prompt: z.string(),
    agents: z.array(AgentName),
  })
  .meta({ id: 'Blueprint' });
export type BlueprintListItem = z.infer<typeof BlueprintListItem>;
