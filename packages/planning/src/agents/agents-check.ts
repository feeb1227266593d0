import type { ToolManifest } from '@planyard/contracts';
import type { PromptRegistry } from '../registry.ts';
import { toolsOfAgent } from './agent-tools.ts';

/** For `/readyz`: rejects with the tools that agents do without, because they are not as the agents' files say. */
export function agentsCheck(
  prompts: Pick<PromptRegistry, 'agents'>,
  plannable: () => Promise<readonly ToolManifest[]>,
): { name: string; advisory: true; check(): Promise<void> } {
  return {
    name: 'agents',
    advisory: true,
    async check() {
      const tools = await plannable();
      const faults = prompts.agents().flatMap((agent) => toolsOfAgent(agent, tools).faults);
      if (faults.length > 0) throw new Error(faults.join('; '));
    },
  };
}
