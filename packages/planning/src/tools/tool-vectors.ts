import type { ToolManifest } from '@planyard/contracts';
import { digestTool } from './tool-digest.ts';

/** One vector for each text, all of one length. */
export type Embed = (texts: string[]) => Promise<number[][]>;

/** Texts of one request. */
const BATCH = 64;
/** Vectors that are kept. */
const MOST = 20_000;

export interface ToolVectors {
  /** Cosines of a question's vector and tools, in their order; null until the tools' vectors are there: the first question does not wait for them, and is not embedded. */
  similarities(
    tools: readonly ToolManifest[],
    question: () => Promise<number[]>,
  ): Promise<Float64Array | null>;
}

/** Keeps a vector of each tool by what is told of it. A failure is told and tried again with the next question. */
export function createToolVectors(embed: Embed, onError: (error: unknown) => void): ToolVectors {
  const texts = new WeakMap<ToolManifest, string>();
  const vectors = new Map<string, Float64Array>();
  let filling: Promise<void> | null = null;

  function textOf(tool: ToolManifest): string {
    const text = texts.get(tool) ?? digestTool(tool, 'full');
    texts.set(tool, text);
    return text;
  }

  async function fill(missing: string[]): Promise<void> {
    for (let at = 0; at < missing.length; at += BATCH) {
      const batch = missing.slice(at, at + BATCH);
      const made = await embed(batch);
      batch.forEach((text, place) => {
        vectors.set(text, unit(made[place] ?? []));
      });
    }
    for (const oldest of [...vectors.keys()].slice(0, Math.max(0, vectors.size - MOST)))
      vectors.delete(oldest);
  }

  return {
    async similarities(tools, question) {
      const told = tools.map(textOf);
      const missing = [...new Set(told.filter((text) => !vectors.has(text)))];
      if (missing.length > 0) {
        if (filling === null)
          filling = fill(missing)
            .catch(onError)
            .finally(() => {
              filling = null;
            });
        return null;
      }
      try {
        const asked = unit(await question());
        return Float64Array.from(told, (text) => dot(asked, vectors.get(text) as Float64Array));
      } catch (error) {
        onError(error);
        return null;
      }
    },
  };
}

function unit(vector: number[]): Float64Array {
  const length = Math.hypot(...vector) || 1;
  return Float64Array.from(vector, (value) => value / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] ?? 0);
  return sum;
}
