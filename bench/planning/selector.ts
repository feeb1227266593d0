import { ToolManifest } from '@planyard/contracts';
import { countTokens } from '@planyard/llm';
import { createDigester, createToolSelector } from '@planyard/planning';
import { readCatalogue, readQuestions } from '../../test/tools/read-catalogue.ts';
import { type Figure, figure, percentile } from '../report.ts';

const TOKENS = 4_000;
const ROUNDS = 3;

/** Ranking and digest for 200 questions over 500 and 3,000 tools: warm (index built, lines counted), and the index as it is built. */
export async function selectorFigures(): Promise<Figure[]> {
  const catalogue = readCatalogue();
  return [
    ...(await measure('selector', catalogue)),
    ...(await measure(
      'selector_3000',
      Array.from({ length: 6 }, (_, copy) => renamed(catalogue, copy)).flat(),
    )),
  ];
}

async function measure(name: string, tools: ToolManifest[]): Promise<Figure[]> {
  const questions = readQuestions();
  const select = createToolSelector();
  // Words are read once for a process, indexes for each catalogue.
  select({ question: '', tools: [] });
  const digester = createDigester(countTokens);
  const built = performance.now();
  select({ question: '', tools });
  const buildMs = performance.now() - built;
  const rankMs: number[] = [];
  const digestMs: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const { question } of questions) {
      const started = performance.now();
      const ranked = select({ question, tools });
      const rankedAt = performance.now();
      await digester.choose(
        ranked.map(({ tool }) => tool),
        TOKENS,
      );
      // The first round warms.
      if (round === 0) continue;
      rankMs.push(rankedAt - started);
      digestMs.push(performance.now() - started);
    }
  // Of thousands of tools the slowest rankings say more of a busy machine than of the selector.
  const ofSlow = (atMost: number) => (tools.length > 500 ? undefined : { atMost });
  return [
    figure(name, 'index_ms', 'ms', buildMs),
    figure(name, 'rank_ms_p50', 'ms', percentile(rankMs, 0.5), { atMost: 10 }),
    figure(name, 'rank_ms_p95', 'ms', percentile(rankMs, 0.95), ofSlow(10)),
    figure(name, 'digest_ms_p50', 'ms', percentile(digestMs, 0.5), { atMost: 20 }),
    figure(name, 'digest_ms_p95', 'ms', percentile(digestMs, 0.95), ofSlow(20)),
  ];
}

/** The same tools as those of other services, with other descriptions as far as the index is concerned. */
function renamed(tools: ToolManifest[], copy: number): ToolManifest[] {
  return tools.map((tool) =>
    ToolManifest.parse({
      ...tool,
      name: tool.name.replace('.', `${copy}.`),
      description: `${tool.description} Region ${copy}.`,
    }),
  );
}
