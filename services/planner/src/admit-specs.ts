import type { AdmittedStep, PlanStep, ToolManifest } from '@planyard/contracts';
import { admitStep } from './admit-step.ts';
import { referencesOf, withStoredIds } from './model/resolve-references.ts';

/** A step with names as a plan has them. */
export interface NamedStep {
  spec: PlanStep;
  /** Steps without whose results it does not run, though it reads none of them. */
  needs: string[];
  /** Steps that it reads where they have a result; the others that it reads it depends on. */
  optional?: string[];
}

/** Steps that belong together as the graph takes them: `stored` gives the stored id of a step's name, `toolOf` a tool that is on offer. */
export function admitSpecs(
  attempt: number,
  steps: NamedStep[],
  stored: (name: string) => string,
  toolOf: (name: string) => ToolManifest | undefined,
): AdmittedStep[] {
  return steps.map(({ spec, needs, optional = [] }) => {
    const read = referencesOf(spec).found.map(({ from }) => from);
    return admitStep(
      attempt,
      withStoredIds(spec, stored),
      {
        data: [...read.filter((name) => !optional.includes(name)), ...needs].map(stored),
        after: spec.after.map(stored),
        optional: optional.map(stored),
      },
      toolOf(spec.tool) as ToolManifest,
      spec.fallback ? toolOf(spec.fallback.tool) : undefined,
    );
  });
}
