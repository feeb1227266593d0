import type { ContextPlan, PlanStep, RefusedStep, ToolManifest } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import type { FinishReason } from '@planyard/llm';
import type { RenderedPrompt } from '@planyard/planning';
import type { ActingAgent } from '../agent/acting-agent.ts';
import type { PlannerDeps, PlannerModel } from '../deps.ts';
import type { CatalogView } from './catalog-view.ts';
import type { CheckArgs } from './check-args.ts';
import type { Conversation } from './conversation.ts';
import type { ToolSearch } from './tool-search.ts';

/** What an attempt that a model plans works with. */
export interface Planning {
  phase: PlanningPhase;
  model: PlannerModel;
  acting: ActingAgent;
  /** What it sees of the agent's data sources. */
  catalog: CatalogView;
  /** What it sees of the agent's tools. */
  view: ToolView;
  conversation: Conversation;
  /** The model or route that plans. */
  planner: string;
  deps: PlannerDeps & { checkArgs: CheckArgs };
}

/** The same before it is known what is seen of data sources and tools. */
export type Unviewed = Omit<Planning, 'catalog' | 'view'>;

/** What an attempt sees of the tools it may use. */
export interface ToolView {
  /** Those that the prompt shows, in its order. */
  tools: ToolManifest[];
  /** The same, best first: those that the question names, then as the context plan has them. */
  ranked: ToolManifest[];
  /** Those that the question names. */
  named: ToolManifest[];
  /** Those that earlier attempts have searched for, planned with or called: this one may use them whether they are shown or not. */
  known: ToolManifest[];
  /** How the prompt shows them. */
  told: RenderedPrompt;
  /** The prompt shows all of them. */
  showsAll: boolean;
  /** Finds those that are not shown. */
  search: ToolSearch;
  /** Where they come from. */
  context: ContextPlan;
  /** What a model chose, in this attempt or an earlier one, before what the ranking knows was merged in. */
  chosen: ContextPlan | null;
}

/** How planning by a model ended: steps are in the graph, or the model answered at once, or neither. */
export type Planned =
  | {
      kind: 'steps';
      intent: string;
      refused: RefusedStep[];
      /** As they were planned. */
      steps: PlanStep[];
      repairs: number;
    }
  /** `told`: those who follow the run have it already. */
  | { kind: 'answer'; text: string; finish: FinishReason; told: boolean }
  /** `reachable`: the model replied, only with nothing of use. */
  | { kind: 'nothing'; why: string; reachable: boolean; refused: RefusedStep[]; repairs: number };
