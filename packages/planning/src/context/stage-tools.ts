import type { ToolManifest } from '@planyard/contracts';
import type { Digester } from '../tools/choose-tools.ts';
import type { ShortlistedTool } from '../tools/shortlist.ts';

/** What attempts see, as far as they go: each stage the best of the tools that no stage before it has, within the same number of tokens. */
export async function stageTools(
  ranked: readonly Pick<ShortlistedTool, 'tool' | 'named'>[],
  digester: Digester,
  { tokens, stages }: { tokens: number; stages: number },
): Promise<ToolManifest[][]> {
  const found: ToolManifest[][] = [];
  let left = ranked.map(({ tool }) => tool);
  let named = ranked.filter((each) => each.named).length;
  for (let stage = 0; stage < stages && left.length > 0; stage += 1) {
    const { tools } = await digester.choose(left, tokens, named);
    if (tools.length === 0) break;
    found.push(tools);
    const taken = new Set(tools);
    left = left.filter((tool) => !taken.has(tool));
    named = 0;
  }
  return found;
}
