// The door of the tool worker, for whoever composes services in one process.
export { configSchema, type ToolWorkerConfig } from './config.ts';
export { loadSampleInventory, type SampleOptions } from './sample/load-sample-inventory.ts';
export { type StartToolWorkerDeps, startToolWorker, type ToolWorker } from './start-tool-worker.ts';
