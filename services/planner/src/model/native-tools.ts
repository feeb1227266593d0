import { createHash } from 'node:crypto';
import type { ToolManifest } from '@planyard/contracts';
import { requestTokens, type ToolSpec } from '@planyard/llm';

const MAX_NAME = 64;

/** Tools as models call them natively. Providers take letters, digits, _ and - in a name, 64 at most: `ci.search` is `ci__search`. */
export interface NativeTools {
  specs: ToolSpec[];
  /** The tool that a model's call means; undefined for none of these. */
  toolOf(name: string): ToolManifest | undefined;
}

export function nativeTools(tools: readonly ToolManifest[]): NativeTools {
  const byName = new Map(tools.map((tool) => [nativeName(tool.name), tool]));
  return {
    specs: [...byName].map(([name, { description, input_schema }]) => ({
      name,
      description,
      parameters: input_schema,
    })),
    toolOf: (name) => byName.get(name),
  };
}

/** What tools take in a request that offers them natively. */
export async function nativeTokens(tools: readonly ToolManifest[]): Promise<number> {
  return await requestTokens({ messages: [], tools: nativeTools(tools).specs });
}

/** The name of a tool in native calls; one that is too long, or may be read as that of another tool (`a__b.c` and `a.b__c`), is told apart by a hash. */
export function nativeName(tool: string): string {
  const name = tool.replace('.', '__');
  const isPlain = name.indexOf('__') === name.lastIndexOf('__');
  if (isPlain && name.length <= MAX_NAME) return name;
  const hash = createHash('sha256').update(tool).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_NAME - hash.length - 1)}_${hash}`;
}
