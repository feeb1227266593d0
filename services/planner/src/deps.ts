import type { Catalog, Json, RunId, StepId, ToolFigures, ToolManifest, ToolName } from '@planyard/contracts';
import type { Phase, RunRef } from '@planyard/engine';
import type { Models } from '@planyard/llm';

import type { Compositions, Digester, PromptRegistry, SelectTools, TableDigester } from '@planyard/planning';
import type { Logger } from '@planyard/runtime';
import type { ArchivedGraph, ResultRef } from '@planyard/store';

import type { ConversationStore } from './conversation-store.ts';
import type { KeptPlans } from './plan-cache/kept-plans.ts';

/** The planner's model; null where no provider is configured and none was found: then the rules plan. */
export interface PlannerModel {
  models: Models;
  /** The route or `provider/model` that is wanted, where it is there, else the configured one; asks the provider when none is configured, so it may throw `ModelError`. */
  name(signal: AbortSignal, wanted?: string): Promise<string>;
  /** The models that a route tries, or the one of `provider/model`, in their order. */
  modelsOf(name: string): string[];
}

/** How plans of earlier runs serve again. */
export interface PlanCache {
  plans: KeptPlans;
  /** Derives arguments for a similar question; the planning model without it. */
  adaptModel: string | undefined;
}

export interface PlannerDeps {
  /** With the versions that the run has pinned. */
  prompts: Pick<PromptRegistry, 'get' | 'render' | 'agents' | 'blueprints'>;
  model: PlannerModel | null;
  /** Tools that a live worker offers; waits a little while none does. */
  tools(signal: AbortSignal): Promise<ToolManifest[]>;
  /** How these tools do, as it was when they were asked for. */
  figures(): ReadonlyMap<ToolName, ToolFigures>;
  selectTools: SelectTools;
  /** Whether this attempt's shortlist may hold a tool whose breaker is half open, so that somebody tries it. */
  takeProbeTurn(tool: ToolName): boolean;
  /** What is asked as a vector, each text embedded once in a phase; throws `ModelError`. null: no model for it is configured. */
  vectorOf: ((phase: Phase, text: string) => Promise<number[]>) | null;
  /** How alike a question and tools are by their embeddings; null where none are configured, or not there yet. */
  similarities(phase: Phase, question: string, tools: readonly ToolManifest[]): Promise<Float64Array | null>;
  digester: Digester;
  /** false: prompts show tools by name, whatever the question is. */
  selector: boolean;
  /** Tokens of a stage of tools in a prompt. */
  toolTokens: number;
  catalogs(tenant: string): Promise<Catalog[]>;
  /** Chooses the tables of databases that a prompt shows. */
  tableDigester: TableDigester;
  /** A result that was too large for Redis. */
  loadResult(run: RunRef, tenant: string, step: StepId, epoch: number): Promise<Json>;
  conversations: ConversationStore;
  /** Ended runs, of which others are made. */
  reruns: {
    readGraph(tenant: string, run: RunId): Promise<ArchivedGraph | null>;
    copyResult(tenant: string, from: ResultRef, to: ResultRef): Promise<void>;
  };
  compositions: Compositions;
  /** null: plans are not reused. */
  planCache: PlanCache | null;
  now(): number;
  /** Bound to the run. */
  log: Logger;
}
