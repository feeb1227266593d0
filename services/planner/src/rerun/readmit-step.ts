import {
  type AdmittedStep,
  attemptOf,
  type JsonObject,
  type PlanStep,
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
  const dependencies = { data: step.data_deps, after: step.after_deps, optional: step.optional_deps ?? [] };
  return { ...step, ...admitStep(attemptOf(step.id), spec, dependencies, tool, fallback) };
}

function withArgs(was: AdmittedStep, args: JsonObject, ids: readonly StepId[]): AdmittedStep {
  const stored = (name: string) => resolveStep(name, was.id, ids) ?? name;
  const spec = withStoredIds({ ...was.spec, args }, stored);
  const readBy = (step: PlanStep) => referencesOf(step).found.map(({ from }) => stored(from));
  const [before, read] = [readBy(was.spec), readBy(spec)];
  const optional = (was.optional_deps ?? []).filter((id) => read.includes(id));
  // What it depends on without reading it stays.
  const needs = was.data_deps.filter((id) => !before.includes(id));
  const data = [...new Set([...read, ...needs])].filter((id) => !optional.includes(id));
  return {
    ...was,
    spec,
    data_deps: data,
    after_deps: was.after_deps.filter((id) => !data.includes(id)),
    optional_deps: optional,
  };
}
