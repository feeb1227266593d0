import type { ToolManifest } from '@planyard/contracts';
import { type DigestDetail, digestTool } from './tool-digest.ts';

/** Tokens of a text, as the tokenizer of the model layer counts them. */
export type CountTokens = (text: string) => Promise<number>;

export interface ToolDigest {
  /** What the text shows, in its order. */
  tools: ToolManifest[];
  /** One line for each tool. */
  text: string;
  tokens: number;
}

/**
 * How much of all tokens the line of a tool at each place may take, and how it is told at best: long schemas are told in
 * less detail, so that a digest holds some seventy tools whatever the catalogue is. In a catalogue of thousands the one
 * that is meant may have a hundred before it that fit as well: from the thirtieth place on lines are short.
 */
const PLACES: readonly { until: number; share: number; details: readonly DigestDetail[] }[] = [
  { until: 3, share: 0.05, details: ['full', 'brief', 'terse'] },
  { until: 10, share: 0.025, details: ['full', 'brief', 'terse'] },
  { until: 30, share: 0.015, details: ['brief', 'terse'] },
  { until: Number.POSITIVE_INFINITY, share: 0.0065, details: ['brief', 'terse', 'lean'] },
];
/** A tool that does not fit may be followed by a smaller one that does; after so many the rest is not tried. */
const MISSES = 6;
/** More tools than these are not tried in all detail. */
const FEW = 60;

export interface Digester {
  /**
   * The first of these tools within a number of tokens, the best in more detail. The first `always` of them are in
   * whatever they take.
   */
  choose(tools: readonly ToolManifest[], tokens: number, always?: number): Promise<ToolDigest>;
}

/** Keeps each tool's lines and their tokens for as long as its manifest is in use. */
export function createDigester(count: CountTokens): Digester {
  const kept = new WeakMap<ToolManifest, Partial<Record<DigestDetail, { line: string; tokens: number }>>>();

  async function lineOf(tool: ToolManifest, detail: DigestDetail) {
    const lines = kept.get(tool) ?? {};
    kept.set(tool, lines);
    const known = lines[detail];
    if (known) return known;
    const line = digestTool(tool, detail);
    // The line break that follows is a token of its own at most.
    const made = { line, tokens: (await count(line)) + 1 };
    lines[detail] = made;
    return made;
  }

  /** The most detailed line that keeps to its place's share; the shortest where none does. */
  async function bestLine(tool: ToolManifest, at: number, tokens: number) {
    const place = PLACES.find(({ until }) => at < until);
    let line = await lineOf(tool, 'terse');
    for (const detail of place?.details ?? []) {
      line = await lineOf(tool, detail);
      if (line.tokens <= tokens * (place?.share ?? 0)) break;
    }
    return line;
  }

  /** All of them with what their arguments are, where that fits; null where it does not. */
  async function allInDetail(tools: readonly ToolManifest[], tokens: number): Promise<ToolDigest | null> {
    if (tools.length > FEW) return null;
    const lines = await Promise.all(tools.map((tool) => lineOf(tool, 'detailed')));
    const sum = lines.reduce((all, line) => all + line.tokens, 0);
    if (sum > tokens) return null;
    return { tools: [...tools], text: lines.map(({ line }) => line).join('\n'), tokens: sum };
  }

  return {
    async choose(tools, tokens, always = 0) {
      const all = await allInDetail(tools, tokens);
      if (all) return all;
      const chosen: ToolManifest[] = [];
      const lines: string[] = [];
      let left = tokens;
      let misses = 0;
      for (const [at, tool] of tools.entries()) {
        const must = at < always;
        // By the place in the digest: what is chosen once is chosen again.
        const fits = await bestLine(tool, chosen.length, tokens);
        if (!must && fits.tokens > left) {
          misses += 1;
          if (misses >= MISSES) break;
          continue;
        }
        left -= fits.tokens;
        chosen.push(tool);
        lines.push(fits.line);
      }
      return { tools: chosen, text: lines.join('\n'), tokens: tokens - left };
    },
  };
}
