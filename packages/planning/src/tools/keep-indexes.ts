import type { ToolManifest } from '@planyard/contracts';
import type { RelatedWords } from './lexical-scores.ts';
import { createToolIndex, type ToolIndex } from './tool-index.ts';
import { keepToolTerms } from './tool-terms.ts';

/** A catalogue, and the parts of it that agents see. */
const KEPT = 16;

/**
 * The index of a catalogue, built once for what it holds: the engine gives the same manifests, as objects, until what
 * workers publish has changed. The ones used last are kept.
 */
export function keepIndexes(related: RelatedWords): (tools: readonly ToolManifest[]) => ToolIndex {
  const termsOfTools = keepToolTerms();
  let kept: ToolIndex[] = [];
  return (tools) => {
    const known = kept.find((index) => sameTools(index.tools, tools));
    const index = known ?? createToolIndex(tools, related, termsOfTools);
    if (kept[0] !== index) kept = [index, ...kept.filter((other) => other !== index)].slice(0, KEPT);
    return index;
  };
}

function sameTools(a: readonly ToolManifest[], b: readonly ToolManifest[]): boolean {
  return a === b || (a.length === b.length && a.every((tool, at) => sameTool(tool, b[at] as ToolManifest)));
}

/** Those of compositions, and those that an agent shows in its own way, are made anew each time. */
function sameTool(a: ToolManifest, b: ToolManifest): boolean {
  return a === b || (a.name === b.name && JSON.stringify(a) === JSON.stringify(b));
}
