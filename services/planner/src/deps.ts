import type { Catalog, Json, StepId, ToolManifest } from '@planyard/contracts';
import type { RunRef } from '@planyard/engine';
import type { Models } from '@planyard/llm';
import type { PromptRegistry } from '@planyard/planning';
import type { Logger } from '@planyard/runtime';

/** The planner's model; null where no provider is configured and none was found: then the rules plan. */
export interface PlannerModel {
  models: Models;
  /** `provider/model`; asks the provider when none is configured, so it may throw `ModelError`. */
  name(signal: AbortSignal): Promise<string>;
}

export interface PlannerDeps {
  /** With the versions that the run has pinned. */
  prompts: Pick<PromptRegistry, 'render'>;
  model: PlannerModel | null;
  /** Tools that a live worker offers; waits a little while none does. */
  tools(signal: AbortSignal): Promise<ToolManifest[]>;
  catalogs(tenant: string): Promise<Catalog[]>;
  /** A result that was too large for Redis. */
  loadResult(run: RunRef, tenant: string, step: StepId, epoch: number): Promise<Json>;
  now(): number;
  /** Bound to the run. */
  log: Logger;
}
