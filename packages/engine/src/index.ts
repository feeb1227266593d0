// The door of the engine.
export type {
  BegunStep,
  Consumer,
  DependencyResult,
  Engine,
  JoiningPhase,
  PersistPhase,
  Phase,
  PhaseHandlers,
  PlanningPhase,
  RunRef,
  RunState,
  StepContext,
  StepOutcome,
  StepState,
} from './api.ts';
export { type Binding, bindStep, type LoadStored } from './bind-step.ts';
export {
  checkPath,
  collectReferences,
  type FoundReference,
  parseTemplate,
  type TemplatePart,
} from './references.ts';
export { toStepView } from './step-view.ts';
