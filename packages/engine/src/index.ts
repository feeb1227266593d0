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
