import type { StepView } from '@planyard/contracts';
import type { InventoryStore } from '../inventory/inventory-store.ts';

/** What the tools of this worker get as `store`. */
export interface WorkerStore extends InventoryStore {
  /** The steps that the call takes values from, in the order in which they ended. */
  sources(): Promise<StepView[]>;
}
