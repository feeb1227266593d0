// The door of the planner, for whoever composes services in one process.
export { configSchema, type PlannerConfig } from './config.ts';
export { type Planner, type StartPlannerDeps, startPlanner } from './start-planner.ts';
