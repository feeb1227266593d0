import type { ToolManifest } from '@planyard/contracts';
import { compositionTools, plannableTools } from '@planyard/planning';
import type { GatewayDeps } from '../deps.ts';

/** What agents may use of the tools on offer, compositions among it. */
export function plannable(
  { compositions }: Pick<GatewayDeps, 'compositions'>,
  offered: readonly ToolManifest[],
): ToolManifest[] {
  return plannableTools(offered, compositionTools(compositions.list(), offered));
}
