import type { ToolManifest } from '@planyard/contracts';
import type { Tool } from '@planyard/sdk';
import type { z } from 'zod';
import type { WorkerStore } from './worker-store.ts';

/** A tool as this worker runs it: its definition, and the manifest that the planner reads. */
export interface WorkerTool {
  definition: Tool<z.ZodType, z.ZodType, WorkerStore>;
  manifest: ToolManifest;
  /** Changes with the manifest: a newer tool is not served an older one's results. */
  version: string;
}

export type Tools = ReadonlyMap<string, WorkerTool>;
