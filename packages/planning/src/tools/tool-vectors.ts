import type { ToolManifest } from '@planyard/contracts';
import { digestTool } from './tool-digest.ts';

/** One vector for each text, all of one length. */
export type Embed = (texts: string[]) => Promise<number[][]>;

/** Texts of one request. */
const BATCH = 64;

export interface ToolVectors {
  /** Cosines of question and tools, in their order; null until the tools' vectors are there: the first question does not wait for them. */
  similarities(question: string, tools: readonly ToolManifest[]): Promise<Float64Array | null>;
}

/** Keeps a vector of each tool for as long as its manifest is in use. A failure is told and tried again with the next question. */
export function createToolVectors(embed: Embed, onError: (error: unknown) => void): ToolVectors {
  const vectors = new WeakMap<ToolManifest, Float64Array>();
  let filling: Promise<void> | null = null;

  async function fill(missing: ToolManifest[]): Promise<void> {
    for (let at = 0; at < missing.length; at += BATCH) {
      const batch = missing.slice(at, at + BATCH);
      const made = await embed(batch.map((tool) => digestTool(tool, 'full')));
      batch.forEach((tool, place) => {
        vectors.set(tool, unit(made[place] ?? []));
      });
    }
  }

  return {
    async similarities(question, tools) {
      const missing = tools.filter((tool) => !vectors.has(tool));
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
        const [made = []] = await embed([question]);
        const asked = unit(made);
        return Float64Array.from(tools, (tool) => dot(asked, vectors.get(tool) as Float64Array));
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
