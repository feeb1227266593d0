import type { Composition, ToolManifest } from '@planyard/contracts';

/** What planned compositions are expanded with. */
export interface Composed {
  /** By the name of the tool that each is to the planner. */
  compositions: ReadonlyMap<string, Composition>;
  /** Any tool that is on offer: a composition may call what its agent may not. */
  toolOf(name: string): ToolManifest | undefined;
}
