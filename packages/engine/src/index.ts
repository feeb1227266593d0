// The door of the engine.
export type {
  BegunStep,
  Consumer,
  CopiedStep,
  DependencyResult,
  Engine,
  ExecuteStep,
  JoiningPhase,
  OfferedTools,
  PersistPhase,
  Phase,
  PhaseHandlers,
  PlanningPhase,
  RunRef,
  RunState,
  StartedAttempt,
  StepContext,
  StepOutcome,
  StepState,
  WorkerStanding,
} from './api.ts';
export { type Binding, bindStep, type LoadStored } from './bind-step.ts';
export type { EngineLog, EngineObserver } from './context.ts';
export { createEngine, type EngineDeps } from './create-engine.ts';
export { engineEnv, engineSettings } from './engine-env.ts';
export { createKeys, type Keys } from './keys.ts';
export type { Connection } from './lua-script.ts';
export {
  checkPath,
  collectReferences,
  type FoundReference,
  parseTemplate,
  type TemplatePart,
} from './references.ts';
export { DEFAULT_SETTINGS, type EngineSettings } from './settings.ts';
export { toStepView } from './step-view.ts';
export { reportBudget, summarizeStep } from './summarize-run.ts';
