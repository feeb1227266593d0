import {
  type AdmittedStep,
  attemptOf,
  type JsonObject,
  type StepId,
  type ToolManifest,
} from '@planyard/contracts';
import { resolveStep } from '@planyard/planning';
import { admitStep } from '../admit-step.ts';
import { referencesOf, withStoredIds } from '../model/resolve-references.ts';

/** A step of an ended run for another graph, with other arguments where they are given. It is dispatched as its tool says now; as it was before while no worker offers that. */
export function readmitStep(
  was: AdmittedStep,
  args: JsonObject | null,
  ids: readonly StepId[],
  offered: readonly ToolManifest[],
): AdmittedStep {
  const step = args === null ? was : withArgs(was, args, ids);
  const { spec } = step;
  const tool = offered.find(({ name }) => name === spec.tool);
  if (!tool) return step;
  const fallback = offered.find(({ name }) => name === spec.fallback?.tool);
  const dependencies = { data: step.data_deps, after: step.after_deps };
  return { ...step, ...admitStep(attemptOf(step.id), spec, dependencies, tool, fallback) };
}

function withArgs(was: AdmittedStep, args: JsonObject, ids: readonly StepId[]): AdmittedStep {
  const stored = (name: string) => resolveStep(name, was.id, ids) ?? name;
  const spec = withStoredIds({ ...was.spec, args }, stored);
  const data = new Set(referencesOf(spec).found.map(({ from }) => stored(from)));
  return { ...was, spec, data_deps: [...data], after_deps: was.after_deps.filter((id) => !data.has(id)) };
}
