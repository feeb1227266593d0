import { type AdmittedStep, type PlanStep, stepId, type ToolManifest } from '@planyard/contracts';

type Dispatch = AdmittedStep['dispatch'];

export interface Dependencies {
  data: string[];
  after: string[];
  /** Of `after` those whose results it reads where there are some. */
  optional?: string[];
}

/** A validated step as the graph takes it: its id with the attempt, its dependencies, and how to dispatch it. */
export function admitStep(
  attempt: number,
  spec: PlanStep,
  dependencies: Dependencies,
  tool: ToolManifest,
  fallbackTool?: ToolManifest,
): AdmittedStep {
  const { data, after, optional = [] } = dependencies;
  const reads = [...new Set(optional)].filter((id) => !data.includes(id));
  return {
    id: stepId(attempt, spec.id),
    spec,
    data_deps: [...new Set(data)],
    after_deps: [...new Set([...after, ...reads])].filter((id) => !data.includes(id)),
    ...(reads.length > 0 ? { optional_deps: reads } : {}),
    dispatch: dispatchOf(tool, spec),
    ...(fallbackTool ? { fallback_dispatch: dispatchOf(fallbackTool, spec) } : {}),
  };
}

function dispatchOf(tool: ToolManifest, spec: PlanStep): Dispatch {
  const limits = [spec.timeout_ms ?? tool.timeout_ms, spec.budget?.ms ?? Number.POSITIVE_INFINITY];
  return {
    class: tool.class,
    timeout_ms: Math.min(...limits),
    max_tries: spec.retry?.max_tries ?? tool.max_tries,
    ...(tool.max_in_flight === undefined ? {} : { max_in_flight: tool.max_in_flight }),
  };
}
