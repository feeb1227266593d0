import { type PlanInfo, PlanStep, type RefusedStep, type ToolManifest } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { admitStep } from './admit-step.ts';

/** The intent of the plan that is made when planning failed. */
export const BROAD_INTENT = 'General assistance with all available tools';

/** Asks every tool that can search broadly the bare question, all at once, and seals the plan. Tools that change things are left out. False when there is none. */
export async function planBroadly(
  phase: PlanningPhase,
  tools: ToolManifest[],
  { refused, info }: { refused: RefusedStep[]; info: PlanInfo },
): Promise<boolean> {
  const steps = tools
    .filter((tool) => tool.broad_search && tool.effects === 'read' && !tool.needs_approval)
    .map((tool) => {
      const spec = PlanStep.parse({
        id: tool.name.replaceAll('.', '_').slice(0, 64),
        tool: tool.name,
        purpose: `what ${tool.name} finds for the question`,
        args: { question: phase.record.request.question },
      });
      return admitStep(phase.attempt, spec, { data: [], after: [] }, tool);
    });
  if (steps.length === 0) return false;
  await phase.addSteps(steps);
  await phase.seal({
    intent: BROAD_INTENT,
    refused,
    // In rounds it would be replanned: what cannot be asked now is asked again, and again.
    strategy: 'graph',
    info,
  });
  return true;
}
