import type { Prompt, VariableType } from './prompt.ts';

/** Prompts that a program renders, with the variables it gives to each. */
export type PromptsInUse = Readonly<Record<string, Readonly<Record<string, VariableType>>>>;

/** What planner and gateway render: a directory of prompts must hold these. */
export const PROMPTS_IN_USE: PromptsInUse = {
  'agents/general': {},
  supervisor: { role: 'string', routing: 'string', now: 'string' },
  routing: { agents: 'list' },
  plan: { agent: 'string', tools: 'string', catalog: 'string' },
  'this-run': { budget: 'list', hints: 'list', now: 'string' },
  context: { agent: 'string', contexts: 'list', tools: 'string' },
  'adapt-plan': { before: 'string', plan: 'string', catalog: 'string', question: 'string', now: 'string' },
  repair: { faults: 'list', admitted: 'string' },
  replan: { reason: 'string', evidence: 'string' },
  join: { agent: 'string', evidence: 'string', mode: 'string', now: 'string' },
  'join-conclude': { reason: 'string' },
  'join-replan': {},
  'replan-tool': {},
  'read-result-tool': {},
  rounds: { agent: 'string', catalog: 'string' },
  'tools/digest': { tools: 'string' },
  'tools/digest-part': { tools: 'string', count: 'string', search: 'string' },
  'tools/search': {},
  'tables/digest': { tables: 'string', left_out: 'list' },
  'rounds-refused': { faults: 'list' },
  'rounds-conclude': { reason: 'string' },
  'catalog/empty': {},
  'catalog/inventories': { inventories: 'string' },
  'output/as-tool': {},
  'output/as-text': { schema: 'string' },
  'output/mend': { faults: 'list' },
  summary: { said: 'string' },
  'summary-so-far': { summary: 'string' },
};

/** Why the prompt cannot be rendered with the variables it will be given; null when it can. */
export function faultOfVariables({ name, variables }: Prompt, inUse: PromptsInUse): string | null {
  if (!Object.hasOwn(inUse, name)) return null;
  const given = inUse[name] ?? {};
  const describe = (types: [string, string][]) =>
    types
      .map(([variable, type]) => `${variable} (${type})`)
      .sort()
      .join(', ') || 'none';
  const wanted = describe(Object.entries(given));
  const declared = describe(Object.entries(variables).map(([variable, { type }]) => [variable, type]));
  return wanted === declared ? null : `the variables of ${name} must be: ${wanted}; they are: ${declared}`;
}
