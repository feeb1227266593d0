import { z } from 'zod';
import { oneLine } from '../ids.ts';
import { ToolName } from '../plan.ts';
import { SelectorStrategy } from '../run.ts';
import { BreakerState } from '../tool-figures.ts';
import { PageQuery, pageOf } from './page.ts';

export const RankToolsQuery = PageQuery.extend({
  question: z.string().trim().min(1).max(2_000),
  strategy: SelectorStrategy.optional(),
  agent: oneLine(100).optional().meta({ description: 'Of its tools only, and with the words that it adds' }),
});
export type RankToolsQuery = z.infer<typeof RankToolsQuery>;

/** A candidate with every factor of its place. */
export const RankedToolItem = z
  .object({
    tool: ToolName,
    fit: z.number().meta({ description: 'What orders: relevance, weakened by a bad score or figure' }),
    score: z.number().meta({ description: 'Accuracy, speed, cache, load and intent, from 0 to 1' }),
    relevance: z.number().meta({ description: 'From words and similarity, and 1 for an intent' }),
    words: z.number().meta({ description: 'How well the words fit; 1 for the tool that they fit best' }),
    similarity: z.number().nullable().meta({
      description: 'Cosine of the embeddings of question and tool; null where words alone rank',
    }),
    named: z.boolean().meta({ description: 'The question names it: it goes before all others' }),
    intent: z.boolean().meta({ description: 'It serves an intent of the question' }),
    est_ms: z.number(),
    accuracy: z.number(),
    cached: z.boolean().meta({ description: 'Most of its calls were answered by kept results' }),
    load: z.number().meta({ description: "Its workers' places that are taken or waited for, from 0 to 1" }),
    breaker: BreakerState.meta({
      description:
        'open: it is not offered. half_open: to one attempt in a while, until a call that tries it succeeds',
    }),
    calls: z.number().meta({ description: 'Recent calls that the figures stand on; 0: the profile alone' }),
  })
  .meta({ id: 'RankedTool' });
export type RankedToolItem = z.infer<typeof RankedToolItem>;
export const ToolRankPage = pageOf(RankedToolItem).meta({ id: 'ToolRankPage' });
