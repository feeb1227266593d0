import type { AgentStrategy } from '@planyard/contracts';
import type { Planning } from './model/planning.ts';

/** What plans are counted by: the version of the prompt that plans, and of the agent's. What else a prompt is made of is in the records of its calls. */
export function promptsOfPlan(
  { phase, acting, deps }: Pick<Planning, 'phase' | 'acting' | 'deps'>,
  strategy: AgentStrategy,
): string {
  const name = strategy === 'rounds' ? 'rounds' : 'plan';
  const version = phase.record.request.options.prompts?.[name] ?? deps.prompts.get(name).current;
  return `${name}@${version} ${acting.told.label}`;
}
