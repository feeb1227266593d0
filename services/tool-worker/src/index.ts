// The door of the tool worker.
export { loadSampleInventory, type SampleOptions } from './sample/load-sample-inventory.ts';
