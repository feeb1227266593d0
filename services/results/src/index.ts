// The door of the results service, for whoever composes services in one process.
export { configSchema, type ResultsConfig } from './config.ts';
export { type Results, type StartResultsDeps, startResults } from './start-results.ts';
