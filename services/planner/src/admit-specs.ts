import type { AdmittedStep, PlanStep, ToolManifest } from '@planyard/contracts';
import { admitStep } from './admit-step.ts';
import { referencesOf, withStoredIds } from './model/resolve-references.ts';

/** Steps that belong together as the graph takes them: `stored` gives the stored id of a step's name, `toolOf` a tool that is on offer. */
export function admitSpecs(
  attempt: number,
  specs: PlanStep[],
  stored: (name: string) => string,
  toolOf: (name: string) => ToolManifest | undefined,
): AdmittedStep[] {
  return specs.map((spec) =>
    admitStep(
      attempt,
      withStoredIds(spec, stored),
      { data: referencesOf(spec).found.map(({ from }) => stored(from)), after: spec.after.map(stored) },
      toolOf(spec.tool) as ToolManifest,
      spec.fallback ? toolOf(spec.fallback.tool) : undefined,
    ),
  );
}
