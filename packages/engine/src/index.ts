// The door of the engine.
export type { Consumer, Engine, Measured, OfferedTools, WorkerStanding } from './api.ts';
export { type Binding, bindStep, type LoadStored } from './bind-step.ts';
export { isConnectionError } from './connection-error.ts';
export type { EngineLog, EngineObserver } from './context.ts';
export { createEngine, type EngineDeps } from './create-engine.ts';
export { engineEnv, engineSettings } from './engine-env.ts';
export { isSame, numberOf, type SeenEvent } from './follow-events.ts';
export { createKeys, type Keys } from './keys.ts';
export type { Connection } from './lua-script.ts';
export type {
  JoiningPhase,
  PersistPhase,
  Phase,
  PhaseHandlers,
  PlanningPhase,
  StartedAttempt,
} from './phase.ts';
export { query } from './query.ts';
export {
  checkPath,
  collectReferences,
  type FoundReference,
  parseTemplate,
  type TemplatePart,
} from './references.ts';
export type { CopiedStep, RunRef, RunState, StepState } from './run-state.ts';
export { DEFAULT_SETTINGS, type EngineSettings } from './settings.ts';
export type { BegunStep, DependencyResult, ExecuteStep, StepContext, StepOutcome } from './step-execution.ts';
export { toStepView } from './step-view.ts';
export { reportBudget, summarizeStep } from './summarize-run.ts';
export { timeoutSignal } from './timeout-signal.ts';
export { usageByModel } from './usage-by-model.ts';
